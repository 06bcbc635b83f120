"""The page of incoming events: who may see what, what each caused, and that calls from outside are words, never markup."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from integrations.enums import DeliveryStatus, Status, Trigger
from integrations.models import Connection, Sync, SyncJob, WaitingChange, WebhookAddress, WebhookDelivery, WebhookMinute
from integrations.orchestrator.incoming import take_changes
from integrations.webhooks.reading import read_incoming
from tests.factories import make_connection, make_job, make_sync
from tests.integrations.webhooks.calling import event, make_address, make_delivery

EVIL = "<script>evil()</script>'\"><img src=x onerror=evil()>"
ROWS, DRAWER, SOURCES = ({"HX-Request": "true", "HX-Target": target} for target in ("rows", "drawer", "sources"))


@pytest.fixture
def sync(db: None) -> Sync:
    return make_sync(name="Contacts", on_webhook=True)


def took(sync: Sync, **values: Any) -> SyncJob:
    """The small job that took what waits."""
    job = make_job(sync, **{"trigger": Trigger.WEBHOOK, "status": Status.SUCCEEDED, **values})
    take_changes(job.pk, list(WaitingChange.objects.filter(sync=sync)), timezone.now())
    return job


def text(answer: Any) -> str:
    return str(answer.content.decode())


def shown(answer: Any) -> list[int]:
    return [int(pk) for pk in re.findall(r'data-record="(\d+)"', text(answer))]


def test_an_event_shows_what_it_told_and_the_job_it_caused(signed_in, sync) -> None:
    delivery = make_delivery(sync.source, event(7), event(8))
    read_incoming()
    job = took(sync)
    page = text(signed_in().get("/incoming/"))
    for said in (
        "Contact changed: email",
        "id 7 · and 1 more change",
        f"/jobs/{job.pk}/",
        "Finished",
        sync.source.name,
    ):
        assert said in page
    assert f'data-shown="{delivery.pk}"' in page, "the newest is shown beside the list"


def test_what_waits_for_a_job_says_so(signed_in, sync) -> None:
    make_delivery(sync.source, event(7))
    assert "Waiting to be read" in text(signed_in().get("/incoming/"))
    read_incoming()
    assert "in a moment" in text(signed_in().get("/incoming/"))


@pytest.mark.parametrize(
    ("told", "again", "said"),
    [
        pytest.param([event(7, "contact.privacyDeletion.unknown")], False, "Nothing to do", id="of no interest"),
        pytest.param([event(7)], True, "Nothing new", id="a repetition"),
        pytest.param([event(7, "deal.creation")], False, "No sync has taken it", id="nobody listens"),
    ],
)
def test_an_event_that_causes_nothing_says_why(signed_in, sync, told, again, said) -> None:
    for _ in range(2 if again else 1):
        make_delivery(sync.source, *told)
    read_incoming()
    assert said in text(signed_in().get("/incoming/"))


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("status=set_aside", ["aside"]),
        ("status=waiting", ["waiting"]),
        ("status=read", ["there", "eight", "seven"]),
        ("source={source}", ["waiting", "aside", "eight", "seven"]),
        ("source={source}&status=read", ["eight", "seven"]),
        ("q=8", ["eight"]),
        ("q=8&source={other}", []),
        ("job={job}", ["eight", "seven"]),
        ("status=evil&source=evil&before=evil&job=evil", ["waiting", "there", "aside", "eight", "seven"]),
    ],
)
def test_the_list_shows_what_is_asked_for(signed_in, sync, query, wanted) -> None:
    named = {name: make_delivery(sync.source, event(at)) for name, at in (("seven", 7), ("eight", 8))}
    read_incoming()
    job = took(sync)
    named["aside"] = make_delivery(sync.source, event(9), status=DeliveryStatus.SET_ASIDE, reason="It is no JSON.")
    other = make_connection()
    named["there"] = make_delivery(other, event(10))
    read_incoming()
    named["waiting"] = make_delivery(sync.source, event(11))
    answer = signed_in().get("/incoming/?" + query.format(source=sync.source_id, other=other.pk, job=job.pk))
    assert shown(answer) == [named[name].pk for name in wanted]


def test_a_list_goes_on_where_the_page_ends_and_costs_the_same(signed_in, sync) -> None:
    client = signed_in()
    make_delivery(sync.source, event(1))
    read_incoming()
    took(sync)
    client.get("/incoming/")
    with CaptureQueriesContext(connection) as one:
        client.get("/incoming/")
    for at in range(60):
        make_delivery(sync.source, event(at), event(at + 100))
    read_incoming()
    took(sync)
    with CaptureQueriesContext(connection) as many:
        first = client.get("/incoming/")
    assert len(many) == len(one) <= 32
    rest = client.get("/incoming/?before=" + re.findall(r"before=(\d+)", text(first))[0])
    both = [*shown(first), *shown(rest)]
    assert both == sorted(both, reverse=True)
    assert (len(shown(first)), len(both)) == (50, 61)


def test_the_newest_page_is_live_and_says_nothing_while_nothing_is_new(signed_in, sync) -> None:
    client = signed_in()
    make_delivery(sync.source, event(7))
    for headers, clock in ((ROWS, "live:tick"), (SOURCES, "live:slow")):
        part = text(client.get("/incoming/", headers=headers))
        assert clock in part
        version = re.findall(r"v=(\w+)", part)[0]
        assert client.get(f"/incoming/?v={version}", headers=headers).status_code == 204
    read_incoming()
    assert client.get(f"/incoming/?v={version}", headers=ROWS).status_code == 200
    assert "live:tick" not in text(client.get("/incoming/?before=99", headers=ROWS))


def test_what_can_be_ticked_does_not_change_by_itself(signed_in, sync) -> None:
    make_delivery(sync.source, event(7), status=DeliveryStatus.SET_ASIDE)
    page = text(signed_in("Fixer").get("/incoming/?status=set_aside", headers=ROWS))
    assert "data-row" in page and "live:tick" not in page
    page = text(signed_in().get("/incoming/?status=set_aside"))
    assert "data-row" not in page


@pytest.mark.parametrize(("role", "may"), [("Viewer", False), ("Fixer", True)])
def test_what_a_call_said_is_for_those_who_may_start_jobs(signed_in, sync, role, may) -> None:
    make_delivery(sync.source, event(7))
    page = text(signed_in(role).get("/incoming/"))
    assert ("secret@example.org" in page) is may
    assert ("people&#x27;s data" in page or "people's data" in page) is not may


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b'{"name": "%s"}', "application/json"),
        (b"<a><b>&lt;script&gt;evil()</b></a>", "text/xml"),
        (b"name=%s", "application/x-www-form-urlencoded"),
        (b"%s", "text/plain"),
        (b"\xff\xfe\x00" * 50, "application/json"),
        (b"[" * 50_000, "application/json"),
        (b"", ""),
    ],
)
def test_whatever_a_call_said_is_shown_as_words(signed_in, sync, body, kind) -> None:
    raw = body.replace(b"%s", EVIL.encode())
    headers = {"content-type": kind, "user-agent": EVIL}
    make_delivery(sync.source, body=raw, headers=headers, status=DeliveryStatus.SET_ASIDE, reason=EVIL[:300], what=EVIL)
    answer = signed_in("Admin").get(f"/incoming/?q={EVIL}&source={sync.source_id}")
    assert answer.status_code == 200
    answer = signed_in("Admin").get("/incoming/")
    assert answer.status_code == 200
    page = re.sub(r"<script src=[^>]*></script>", "", text(answer))
    assert not re.search(r"<script|<img src=x|onerror=evil\(\)>(?!&)", page.replace("onerror=evil()&gt;", ""))


def test_a_large_body_is_cut(signed_in, sync) -> None:
    make_delivery(sync.source, body=b'"' + b"x" * 400_000 + b'"')
    page = text(signed_in("Admin").get("/incoming/"))
    assert len(page) < 60_000 and "Cut: it is" in page


def test_a_body_nested_deeply_is_shown_as_it_came(signed_in, sync) -> None:
    make_delivery(sync.source, body=b"[" * 300 + b"]" * 300)
    assert "[" * 300 + "]" * 300 in text(signed_in("Admin").get("/incoming/"))


def test_a_damaged_or_forgotten_body_is_said_to_be_so(signed_in, sync) -> None:
    broken = make_delivery(sync.source, event(7), status=DeliveryStatus.SET_ASIDE)
    WebhookDelivery.objects.update(body=b"damaged")
    client = signed_in("Admin")
    assert "It cannot be shown." in text(client.get(f"/incoming/?record={broken.pk}"))
    WebhookDelivery.objects.update(body=b"", has_body=False)
    page = text(client.get(f"/incoming/?record={broken.pk}"))
    assert "no longer kept" in page and f"/incoming/{broken.pk}/again/" not in page


def test_htmx_gets_the_drawer_alone(signed_in, sync) -> None:
    one = make_delivery(sync.source, event(7))
    part = text(signed_in().get(f"/incoming/?record={one.pk}", headers=DRAWER))
    assert part.lstrip().startswith("<aside") and "<html" not in part
    assert signed_in().get("/incoming/?record=999", headers=DRAWER).status_code == 404


def test_a_short_address_leads_to_the_event(signed_in, sync) -> None:
    one = make_delivery(sync.source, event(7))
    assert signed_in().get(f"/incoming/{one.pk}/")["Location"] == f"/incoming/?record={one.pk}"
    assert signed_in().get("/incoming/999/").status_code == 404


def test_an_event_of_a_removed_connection_is_not_shown_alone(signed_in, sync) -> None:
    gone = make_connection()
    one = make_delivery(gone, event(7))
    gone.delete()
    assert signed_in().get(f"/incoming/?record={one.pk}").status_code == 404


def test_an_empty_page_says_what_will_be_there(signed_in, sync) -> None:
    assert "Nothing has come in yet." in text(signed_in().get("/incoming/"))
    assert "No event matches" in text(signed_in().get("/incoming/?q=zzz"))
    assert "Every event could be read." in text(signed_in().get("/incoming/?status=set_aside"))


def test_who_sends_is_told_with_its_day_and_what_was_refused(signed_in, sync) -> None:
    make_address(sync.source)
    began = timezone.now().replace(second=0, microsecond=0) - timedelta(hours=3)
    WebhookMinute.objects.create(connection=sync.source, began=began, received=5, refused=2)
    WebhookAddress.objects.update(
        last_received_at=began, received=5, refused=2, last_refused_at=began, last_refusal="The signature is not right."
    )
    page = text(signed_in().get(f"/incoming/?source={sync.source_id}"))
    for said in (
        "5 events in the last 24 hours",
        "2 calls refused in the last 24 hours",
        "The signature is not right.",
        "1 sync starts",
    ):
        assert said in page


@pytest.mark.parametrize(("role", "may"), [("Editor", False), ("Admin", True)])
def test_the_secret_part_of_an_address_is_for_those_who_may_change_connections(signed_in, sync, role, may) -> None:
    token, _ = make_address(sync.source)
    page = text(signed_in(role).get(f"/incoming/?source={sync.source_id}"))
    assert (token in page) is may
    assert "/hooks/" in page
    assert ("data-copy" in page) is may


def test_the_address_is_the_one_that_is_known_outside(signed_in, sync, settings) -> None:
    settings.PUBLIC_URL = "https://panel.example.com"
    token, _ = make_address(sync.source)
    assert f"https://panel.example.com/hooks/{token}/" in text(
        signed_in("Admin").get(f"/incoming/?source={sync.source_id}")
    )


def go_quiet(source: Connection) -> None:
    make_address(source)
    now = timezone.now()
    WebhookAddress.objects.update(
        usual_gap=240, last_received_at=now - timedelta(hours=3), quiet_after=now - timedelta(hours=2)
    )


def test_a_source_that_went_quiet_is_told_of_on_its_pages_and_can_be_silenced(signed_in, sync) -> None:
    go_quiet(sync.source)
    client = signed_in("Fixer")
    said = "It usually sends every 4 minutes; nothing for 3 hours"
    pages = ["/incoming/", f"/incoming/?source={sync.source_id}", f"/connections/{sync.source_id}/", "/"]
    for path in pages:
        assert said in text(client.get(path)), path
    answer = client.post(f"/connections/{sync.source_id}/quiet/", {"days": "7"}, follow=True)
    assert "Nobody is told for now" in text(answer) and "Tell me again" in text(answer)
    for path in pages:
        assert said not in text(client.get(path)), path
    client.post(f"/connections/{sync.source_id}/quiet/", {"days": "0"})
    assert said in text(client.get("/"))


def test_the_overview_notices_by_itself_that_a_source_went_quiet(signed_in, sync) -> None:
    client = signed_in()
    version = re.findall(r'/live/\?v=([\w.]+)"', text(client.get("/")))[0]
    assert client.get(f"/live/?v={version}").status_code == 204
    go_quiet(sync.source)
    assert client.get(f"/live/?v={version}").status_code == 200


@pytest.mark.parametrize("days", ["", "365", "-1", "x", "7.5", "٧"])
def test_silence_for_no_sensible_time_is_refused(signed_in, sync, days) -> None:
    go_quiet(sync.source)
    page = text(signed_in("Fixer").post(f"/connections/{sync.source_id}/quiet/", {"days": days}, follow=True))
    assert "Say for how long." in page
    assert WebhookAddress.objects.get().expected_until is None


def test_an_event_is_sent_again(signed_in, sync) -> None:
    one = make_delivery(sync.source, event(7))
    read_incoming()
    answer = signed_in("Fixer").post(f"/incoming/{one.pk}/again/?source={sync.source_id}", follow=True)
    assert answer.redirect_chain[0][0] == f"/incoming/?source={sync.source_id}&record={one.pk}"
    assert "Sent again." in text(answer)
    one.refresh_from_db()
    assert (one.status, one.sent_again) == (DeliveryStatus.WAITING, 1)
    assert "has not been read yet" in text(signed_in("Fixer").post(f"/incoming/{one.pk}/again/", follow=True))
    assert signed_in("Fixer").post("/incoming/999/again/").status_code == 404


def test_many_that_could_not_be_read_are_sent_again(signed_in, sync) -> None:
    aside = [make_delivery(sync.source, event(at), status=DeliveryStatus.SET_ASIDE) for at in range(3)]
    client: Client = signed_in("Fixer")
    page = text(client.post("/incoming/again/?status=set_aside", {"ids": [aside[0].pk, "x", "9" * 30]}, follow=True))
    assert "1 event is read again in a moment." in page
    page = text(client.post("/incoming/again/?status=set_aside", {"all": "1"}, follow=True))
    assert "2 events are read again in a moment." in page
    assert "No event was selected" in text(client.post("/incoming/again/", follow=True))
