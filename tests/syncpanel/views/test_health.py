"""What machines are told: alive or not, and numbers without names."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from integrations.models import WebhookAddress, WorkerBeat
from syncpanel.clients import MOST_GUESSES
from tests.factories import make_failure, make_job
from tests.integrations.webhooks.calling import event, make_address, make_delivery


def beat(kind: str, age: float = 0.0, **more: float) -> None:
    now = timezone.now()
    WorkerBeat.objects.create(
        name=f"host:{kind}", kind=kind, host="host", pid=1, at=now - timedelta(seconds=age), started_at=now, **more
    )


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("ages", "status", "told"),
    [
        ({"worker": 1, "beat": 1}, 200, {"ok": True, "database": True, "workers": 1, "beats": 1}),
        ({"worker": 61, "beat": 1}, 503, {"ok": False, "database": True, "workers": 0, "beats": 1}),
        ({"worker": 1, "beat": 61}, 503, {"ok": False, "database": True, "workers": 1, "beats": 0}),
        ({}, 503, {"ok": False, "database": True, "workers": 0, "beats": 0}),
    ],
    ids=["all alive", "no worker", "no beat", "nobody"],
)
def test_healthz_is_green_only_when_jobs_are_worked_on(
    client: Client, ages: dict[str, float], status: int, told: dict[str, object]
) -> None:
    for kind, age in ages.items():
        beat(kind, age)
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (status, told)
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.django_db
@pytest.mark.parametrize(("skew", "is_ok"), [(9.0, True), (-11.0, False), (11.0, False)])
def test_a_worker_whose_clock_is_wrong_does_not_count(client: Client, settings, skew: float, is_ok: bool) -> None:
    beat("worker", clock_skew=skew)
    beat("beat")
    assert client.get("/healthz").json()["ok"] is is_ok
    settings.METRICS_TOKEN = "right"
    text = client.get("/metrics", headers={"Authorization": "Bearer right"}).content.decode()
    assert f"syncpanel_clock_skew_seconds {abs(skew)}" in text.splitlines()


@pytest.mark.django_db
def test_the_web_alone_can_be_asked_without_a_query(client: Client, django_assert_num_queries) -> None:
    with django_assert_num_queries(0):
        assert client.get("/healthz?only=web").json() == {"ok": True}


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/healthz", "/metrics"])
def test_nothing_is_changed_here(client: Client, path: str) -> None:
    assert client.post(path).status_code == 405


@pytest.mark.django_db
def test_metrics_do_not_exist_without_a_token(client: Client, settings) -> None:
    settings.METRICS_TOKEN = ""
    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize("header", ["", "Bearer", "Bearer wrong", "Bearer ünicode"])
def test_metrics_need_the_right_token(client: Client, settings, header: str) -> None:
    settings.METRICS_TOKEN = "right"
    assert client.get("/metrics", headers={"Authorization": header}).status_code == 401


@pytest.mark.django_db
def test_whoever_guesses_the_metrics_token_is_stopped(client: Client, settings) -> None:
    settings.METRICS_TOKEN = "right"
    cache.clear()
    for number in range(MOST_GUESSES):
        assert client.get("/metrics", headers={"Authorization": f"Bearer {number}"}).status_code == 401
    assert client.get("/metrics", headers={"Authorization": "Bearer right"}).status_code == 429
    cache.clear()


@pytest.mark.django_db
def test_metrics_are_numbers_without_names(client: Client, settings) -> None:
    settings.METRICS_TOKEN = "right"
    job = make_job(status="stuck")
    make_failure(job, label="Tomasz Okafor", email="tomasz@example.com")
    beat("worker")
    beat("beat")
    text = client.get("/metrics", headers={"Authorization": "Bearer right"}).content.decode()
    for line in (
        "syncpanel_up 1.0",
        "syncpanel_worker_groups 1.0",
        'syncpanel_jobs{status="stuck"} 1.0',
        "syncpanel_failed_records_open 1.0",
        'syncpanel_records_total{outcome="fetched"} 0.0',
        'syncpanel_connections{state="untested"} 2.0',
    ):
        assert line in text.splitlines()
    assert "omasz" not in text


@pytest.mark.django_db
def test_metrics_count_what_comes_in(client: Client, settings) -> None:
    settings.METRICS_TOKEN = "right"
    _, connection = make_address()
    WebhookAddress.objects.update(received=7, refused=2)
    make_delivery(connection, event(7), received_at=timezone.now() - timedelta(seconds=90))
    make_delivery(connection, event(8))
    lines = client.get("/metrics", headers={"Authorization": "Bearer right"}).content.decode().splitlines()
    told = dict(line.rsplit(" ", 1) for line in lines if line.startswith("syncpanel_incoming"))
    assert float(told.pop("syncpanel_incoming_oldest_waiting_seconds")) == pytest.approx(90, abs=30)
    assert {name.removeprefix("syncpanel_incoming_"): value for name, value in told.items()} == {
        "received_total": "7.0",
        "refused_total": "2.0",
        "waiting": "2.0",
        "quiet": "0.0",
    }
