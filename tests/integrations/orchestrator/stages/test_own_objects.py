"""Objects that only an account itself knows of, from one platform's to the other's."""

import pytest

from integrations import demo
from integrations.enums import Departed
from integrations.models import RecordLink, Sync
from integrations.orchestrator.connections import open_adapter
from tests.factories import make_mapping

HERE, THERE = "object:2-3442345", "object:Subscription__c"
CODE = """def map_record(record):
    return {
        "Name": record["subscription_name"],
        "Subscription_Key__c": record["subscription_key"],
        "Plan__c": record["plan"],
        "Seats__c": float(record["seats"]) if record["seats"] else None,
        "Renewal_Day__c": record["renewal_day"],
    }
"""


@pytest.fixture
def subscriptions(committed_db, portal) -> Sync:
    hubspot, salesforce = demo.connect(portal.server.credentials(), tier=demo.UNLIMITED, timeout=5)
    ends = {"source_object": HERE, "destination_object": THERE}
    reads = ["subscription_name", "subscription_key", "plan", "seats", "renewal_day"]
    return Sync.objects.create(
        name="Subscriptions",
        source=hubspot,
        destination=salesforce,
        destination_key="Subscription_Key__c",
        mapping=make_mapping(CODE, reads=reads, **ends),
        **ends,
    )


def test_they_are_added_and_then_left_as_they_are(subscriptions, run) -> None:
    first, second = run(subscriptions), run(subscriptions)
    assert first.created == first.fetched == 60
    assert (second.created, second.updated, second.unchanged) == (0, 0, 60)


def test_whose_key_changed_is_updated_and_who_left_is_archived(subscriptions, run) -> None:
    run(subscriptions)
    Sync.objects.filter(pk=subscriptions.pk).update(departed=Departed.ARCHIVE)
    links = list(RecordLink.objects.filter(sync=subscriptions.pk).order_by("pk"))
    with open_adapter(subscriptions.source) as adapter:
        changed = {"hs_object_id": links[0].source_id, "subscription_key": "SUB-9999"}
        (result,) = adapter.upload_batch(HERE, [changed], "update", "hs_object_id", trace="x").results
        assert result.ok
        assert adapter.archive_records(HERE, [links[1].source_id], trace="x").results[0].ok
    job = run(subscriptions)
    assert (job.created, job.updated, job.departed, job.removed) == (0, 1, 1, 1)
    with open_adapter(subscriptions.destination) as adapter:
        ids = [links[0].destination_id, links[1].destination_id]
        assert adapter.read_records(THERE, ids, ["Subscription_Key__c"]) == [
            {"id": ids[0], "Subscription_Key__c": "SUB-9999"}
        ]
