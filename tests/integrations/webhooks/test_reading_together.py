"""Several workers read what came in, on both databases."""

import threading

from django.db import connection

from integrations.enums import DeliveryStatus
from integrations.models import SeenChange, WaitingChange, WebhookDelivery
from integrations.webhooks.reading import read_incoming
from tests.factories import make_sync
from tests.integrations.webhooks.calling import event, ids_of, make_delivery


def test_any_number_of_workers_read_each_delivery_once(each_db: str) -> None:
    sync = make_sync(on_webhook=True)
    for number in range(300):
        make_delivery(sync.source, event(number % 50 + 1))
    done: list[int] = []

    def work() -> None:
        for _ in range(20):
            done.append(read_incoming(seconds=0.05))
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    while read_incoming():
        pass
    assert WebhookDelivery.objects.filter(status=DeliveryStatus.READ).count() == 300
    assert SeenChange.objects.count() == 300
    assert len(ids_of(WaitingChange.objects.filter(sync=sync))) == 50
