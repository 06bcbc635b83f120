"""The Fix-it list as a file: for those who may fix it, and never without a trace."""

import csv
import io

from django.test import Client

from integrations.enums import FailureStatus, Kind
from integrations.models import Event, FailedRecord
from integrations.models.blobs import pack
from integrations.queries.failure_rows import AT_ONCE, HEAD
from tests.syncpanel.views.people import make_open

PATH = "/failures/download/"


def rows_of(answer) -> list[dict[str, str]]:
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def test_it_refuses_get(signed_in, records):
    assert signed_in("Admin").get(PATH).status_code == 405


def test_it_needs_sign_in(client, make_user, records):
    make_user()
    assert client.post(PATH)["Location"].startswith("/sign-in/")


def test_it_needs_the_right(signed_in, records):
    assert signed_in("Viewer").post(PATH).status_code == 403
    assert not Event.objects.filter(stream="people").exists()


def test_without_the_csrf_token_it_is_refused(make_user, records):
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_user("Admin"))
    assert client.post(PATH).status_code == 403


def test_everybody_the_list_describes_is_in_it(signed_in, job, records):
    make_open(job, code="too_long", field="LastName", title="Last Name is too long")
    FailedRecord.objects.filter(pk=records[0].pk).update(
        status=FailureStatus.DISMISSED, resolved_at=job.created_at, label="=cmd|' /C calc'!A0"
    )
    FailedRecord.objects.filter(pk=records[1].pk).update(
        suggestion={"values": {"Company": "Kestrel"}, "why": "x"}, has_suggestion=True
    )
    client = signed_in("Fixer")
    answer = client.post(f"{PATH}?reason=required_missing:Company")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"].startswith('attachment; filename="fix-it-list-company-is-missing-')
    assert answer["Cache-Control"] == "private, no-store"
    found = rows_of(answer)
    assert [row["Suggested value"] for row in found] == ["", "Kestrel"]
    assert {row["Reason"] for row in found} == {"Company is missing"}
    assert tuple(found[0]) == HEAD
    assert [row["Person"] for row in rows_of(client.post(f"{PATH}?status=dismissed"))] == ["'=cmd|' /C calc'!A0"]
    assert len(rows_of(client.post(f"{PATH}?suggested=1"))) == 1


def test_that_it_was_taken_is_in_the_activity_without_anybody_in_it(signed_in, records):
    client = signed_in("Fixer")
    client.post(f"{PATH}?reason=required_missing:Company&q=okafor")
    event = Event.objects.get(stream="people")
    assert (event.kind, event.data) == (Kind.PEOPLE_DOWNLOADED, {"count": 3, "reason": "Company is missing"})
    assert event.actor.startswith("person")
    page = client.get("/activity/?about=people").content.decode()
    assert "downloaded from the Fix-it list: 3 records" in page
    assert "Okafor" not in page


def test_a_long_list_is_read_piece_by_piece(signed_in, job, django_assert_num_queries):
    template = make_open(job)
    names = [f.attname for f in FailedRecord._meta.concrete_fields if not f.primary_key]
    copies = [
        FailedRecord(**{**{name: getattr(template, name) for name in names}, "source_id": f"c{n}"})
        for n in range(AT_ONCE)
    ]
    FailedRecord.objects.bulk_create(copies, batch_size=200)
    answer = signed_in("Fixer").post(PATH)
    with django_assert_num_queries(3):
        found = rows_of(answer)
    assert len(found) == len({row["Id at the source"] for row in found}) == AT_ONCE + 1


def test_a_record_nothing_usable_came_of_has_a_row_too(signed_in, job):
    make_open(job, received=None, mapped=None, field="")
    make_open(job, mapped=None, field="company", received=pack({"id": "7", "company": "Kestrel"}))
    assert [row["Value"] for row in rows_of(signed_in("Fixer").post(PATH))] == ["Kestrel", ""]
