"""Large loads: one remote batch of many calls."""

import httpx
import orjson
import pytest

from integrations.adapters.mailchimp.paths import hash_address
from integrations.enums import SyncMode
from integrations.exceptions import (
    ConfigurationError,
    RateLimitedError,
    SchemaChangedError,
    SignInError,
    TransientError,
    UnknownOutcomeError,
)
from integrations.sandbox.mailchimp.archive import pack_results
from integrations.sandbox.mailchimp.credentials import PRODUCT_NEWS
from tests.integrations.adapters.mailchimp.case import CASE, MEMBERS
from tests.integrations.adapters.mailchimp.conftest import LIST, Scripted, audience, member, problem
from tests.integrations.adapters.mailchimp.conftest import MEMBERS as PATH

KEY = "email_address"
ANN = {KEY: "ann@x.io", "FNAME": "Ann"}
RELATIVE = f"/lists/abc/members/{hash_address('ann@x.io')}"
URL = "https://files.example/b-1.tar.gz?signature=secret"
AT = "2026-11-22T12:00:00+00:00"
NEWER, OLDER = "2026-11-22T12:00:01+00:00", "2026-11-22T11:59:59+00:00"


def begin(adapter, mode=SyncMode.UPSERT, key=KEY):
    return adapter.begin_bulk("members:abc", mode, key)


def send(mailchimp, *records, mode=SyncMode.UPSERT, **more):
    """The ticket, and the operations that were handed in."""
    script = Scripted(
        {f"GET {LIST}": audience(**more), "POST /3.0/batches": {"id": "b-1", "status": "pending", "submitted_at": AT}}
    )
    adapter = mailchimp(script)
    ticket = adapter.send_bulk(begin(adapter, mode), "members:abc", records, KEY)
    sent = [r for r in script.requests if r.method == "POST"]
    return ticket, orjson.loads(sent[0].content)["operations"] if sent else []


def row(place, status, body):
    return {
        "operation_id": place,
        "status_code": status,
        "response": orjson.dumps(body).decode() if body is not None else "",
    }


def poll(mailchimp, records, rows, mode="upsert", answers=None, **settings):
    script = Scripted(
        {
            "GET /3.0/batches/b-1": {"id": "b-1", "status": "finished", "response_body_url": URL},
            "GET /b-1.tar.gz": lambda _: httpx.Response(200, content=pack_results("b-1", rows)),
            f"GET {LIST}": audience(),
            **(answers or {}),
        }
    )
    ticket = {"mode": mode, "id": "b-1", "at": AT}
    return mailchimp(script, **settings).poll_bulk(ticket, "members:abc", records, KEY), script


def test_nothing_leaves_when_a_load_begins(mailchimp):
    script = Scripted({})
    assert begin(mailchimp(script)) == {"mode": "upsert"} and script.requests == []
    with pytest.raises(ConfigurationError):
        begin(mailchimp(script), key="FNAME")


def test_people_are_put_with_what_new_ones_become_and_never_with_a_status(mailchimp):
    ticket, operations = send(mailchimp, ANN)
    assert ticket == {"mode": "upsert", "id": "b-1", "at": AT}
    (one,) = operations
    assert (one["method"], one["path"], one["operation_id"]) == ("PUT", RELATIVE, "0")
    assert one["params"] == {"skip_merge_validation": "true"}
    assert orjson.loads(one["body"]) == {
        KEY: "ann@x.io",
        "merge_fields": {"FNAME": "Ann"},
        "status_if_new": "subscribed",
    }


@pytest.mark.parametrize(
    ("mapped", "asks_all", "sent"),
    [
        ("subscribed", False, {"status": "subscribed", "status_if_new": "subscribed"}),
        ("subscribed", True, {"status_if_new": "pending"}),
        ("pending", False, {"status_if_new": "pending"}),
        ("unsubscribed", True, {"status": "unsubscribed", "status_if_new": "unsubscribed"}),
    ],
)
def test_a_status_is_written_only_where_mailchimp_guards_it(mailchimp, mapped, asks_all, sent):
    _, operations = send(mailchimp, {KEY: "ann@x.io", "status": mapped}, double_optin=asks_all)
    assert orjson.loads(operations[0]["body"]) == {KEY: "ann@x.io", **sent}


def test_the_other_modes_have_their_own_calls(mailchimp):
    _, (change,) = send(mailchimp, ANN, mode=SyncMode.UPDATE)
    assert (change["method"], change["path"]) == ("PATCH", RELATIVE)
    _, (add,) = send(mailchimp, {**ANN, "tags": "a"}, mode=SyncMode.CREATE)
    assert (add["method"], add["path"]) == ("POST", "/lists/abc/members") and '"tags":["a"]' in add["body"]


def test_tags_take_an_operation_of_their_own(mailchimp):
    _, operations = send(mailchimp, {**ANN, "tags": "a", "tags_to_remove": "b"})
    assert [one["operation_id"] for one in operations] == ["0", "0-tags"] and operations[1][
        "path"
    ] == f"{RELATIVE}/tags"
    assert orjson.loads(operations[0]["body"])["tags"] == ["a"]


def test_without_anybody_to_send_there_is_no_batch(mailchimp):
    ticket, operations = send(mailchimp, {KEY: ""})
    assert ticket["id"] == "" and operations == []
    adapter = mailchimp(Scripted({}))
    outcome = adapter.poll_bulk(ticket, "members:abc", [{KEY: ""}], KEY)
    assert [r.code for r in outcome.results] == ["missing_key"]
    adapter.abort_bulk(ticket)


@pytest.mark.parametrize("state", ["pending", "preprocessing", "started", "finalizing"])
def test_a_batch_under_way_has_no_outcome_yet(mailchimp, state):
    script = Scripted({"GET /3.0/batches/b-1": {"id": "b-1", "status": state}})
    assert mailchimp(script).poll_bulk({"mode": "upsert", "id": "b-1"}, "members:abc", [ANN], KEY) is None


def test_the_results_are_fetched_without_the_sign_in(mailchimp):
    _, script = poll(mailchimp, [ANN], [row("0", 200, member())])
    download = next(request for request in script.requests if request.url.host == "files.example")
    assert "authorization" not in download.headers
    assert all("authorization" in request.headers for request in script.requests if request is not download)


PEOPLE = [{KEY: f"p{i}@x.io"} for i in range(9)]
COMPLIANCE = problem(400, "Member In Compliance State")[1]


def test_every_person_is_told_apart(mailchimp):
    rows = [
        row("3", 400, COMPLIANCE),
        row("1", 200, member(timestamp_opt=OLDER, contact_id="c-2")),
        row("0", 200, member(timestamp_opt=NEWER)),
        row("4", 200, member(status="archived")),
        row("5", 429, None),
        row("6", 500, problem(500, "Internal Server Error")[1]),
        row("7", 200, None),
        row("8", 400, problem(400, "Invalid Resource", "p8@x.io looks fake or invalid")[1]),
    ]
    outcome, _ = poll(mailchimp, PEOPLE, rows)
    told = [(r.ok, r.created, r.code, r.is_transient) for r in outcome.results]
    assert told == [
        (True, True, "", False),
        (True, False, "", False),
        (False, False, "no_answer", True),
        (False, False, "needs_opt_in", False),
        (False, False, "archived", False),
        (False, False, "no_answer", True),
        (False, False, "no_answer", True),
        (False, False, "no_answer", True),
        (False, False, "invalid_email", False),
    ]
    assert outcome.results[1].id == "c-2"
    assert not any("@" in f"{r.message}{r.technical}" for r in outcome.results)
    assert "signature" not in repr(outcome.exchanges[0].url)


@pytest.mark.parametrize(
    ("mode", "status", "body", "code"),
    [
        ("update", 404, problem(404, "Resource Not Found")[1], "not_found"),
        ("create", 400, problem(400, "Member Exists")[1], "already_exists"),
        ("upsert", 400, problem(400, "Member Exists")[1], "duplicate_value"),
    ],
)
def test_refusals_by_mode(mailchimp, mode, status, body, code):
    outcome, _ = poll(mailchimp, [ANN], [row("0", status, body)], mode)
    assert outcome.results[0].code == code


def test_in_an_add_only_load_whoever_arrived_is_new(mailchimp):
    outcome, _ = poll(mailchimp, [ANN], [row("0", 200, member())], "create")
    assert outcome.results[0].created


def test_an_audience_that_is_gone_stops_the_sync(mailchimp):
    gone = problem(404, "Resource Not Found")
    with pytest.raises(ConfigurationError):
        poll(mailchimp, [ANN], [row("0", 404, gone[1])], answers={f"GET {LIST}": gone})


def test_a_key_that_died_meanwhile_stops_the_sync(mailchimp):
    with pytest.raises(SignInError):
        poll(mailchimp, [ANN], [row("0", 401, problem(401, "API Key Invalid")[1])])


def test_a_field_that_is_gone_stops_the_sync(mailchimp):
    with pytest.raises(SchemaChangedError, match="GONE"):
        poll(mailchimp, [{**ANN, "GONE": "x"}], [row("0", 200, member())])


def test_who_must_be_asked_is_asked_afterwards(mailchimp):
    path = f"PATCH {PATH}/{hash_address('ann@x.io')}"
    records = [{KEY: "ann@x.io", "status": "pending"}]
    rows = [row("0", 200, member(status="transactional"))]
    outcome, script = poll(mailchimp, records, rows, answers={path: member(status="pending")})
    assert outcome.results[0].ok and path in script.calls


def test_tags_that_could_not_be_set_are_a_refusal_unless_they_came_with_the_person(mailchimp):
    records = [{**ANN, "tags": "a"}]
    missing = row("0-tags", 404, problem(404, "Resource Not Found")[1])
    outcome, _ = poll(mailchimp, records, [row("0", 200, member(timestamp_signup=NEWER)), missing])
    assert outcome.results[0].ok
    refused = row("0-tags", 400, problem(400, "Invalid Resource", "Odd.")[1])
    outcome, _ = poll(mailchimp, records, [row("0", 200, member()), refused])
    assert outcome.results[0].code == "refused"


def finished(**more):
    return {"GET /3.0/batches/b-1": {"id": "b-1", "status": "finished", "response_body_url": URL, **more}}


@pytest.mark.parametrize(
    "answers",
    [
        {"GET /b-1.tar.gz": lambda _: httpx.Response(200, content=b"<html>")},
        {"GET /b-1.tar.gz": lambda _: httpx.Response(200, content=b"")},
        {"GET /b-1.tar.gz": lambda _: httpx.Response(200, content=pack_results("b", [])[:30])},
        {"GET /b-1.tar.gz": lambda _: httpx.Response(403, content=b"<Error><Code>AccessDenied</Code></Error>")},
        {"GET /b-1.tar.gz": lambda _: httpx.Response(503)},
        finished(response_body_url=""),
        finished(response_body_url="http://files.example/b-1.tar.gz"),
        finished(response_body_url="file:///etc/passwd"),
        finished(status=None),
    ],
)
def test_results_that_cannot_be_had_are_asked_for_again(mailchimp, answers):
    with pytest.raises(TransientError) as caught:
        poll(mailchimp, [ANN], [], answers=answers)
    assert not isinstance(caught.value, UnknownOutcomeError)


def test_too_many_batches_that_wait_are_waited_for(mailchimp):
    script = Scripted({f"GET {LIST}": audience(), "POST /3.0/batches": problem(429, "Too Many Requests")})
    adapter = mailchimp(script)
    with pytest.raises(RateLimitedError):
        adapter.send_bulk(begin(adapter), "members:abc", [ANN], KEY)


@pytest.mark.parametrize("answer", [(204, None), problem(404, "Resource Not Found"), problem(400, "Bad Request")])
def test_a_batch_that_has_ended_is_left_as_it_is(mailchimp, answer):
    mailchimp(Scripted({"DELETE /3.0/batches/b-1": answer})).abort_bulk({"mode": "upsert", "id": "b-1"})


def test_a_stop_that_did_not_get_through_is_told(mailchimp):
    with pytest.raises(SignInError):
        mailchimp(Scripted({"DELETE /3.0/batches/b-1": problem(401, "API Key Invalid")})).abort_bulk({"id": "b-1"})


class TestAgainstTheSandbox:
    """The same with a Mailchimp that behaves like one."""

    def load(self, adapter, sandbox, records, mode=SyncMode.UPSERT, name=MEMBERS):
        ticket = adapter.send_bulk(adapter.begin_bulk(name, mode, KEY), name, records, KEY)
        assert adapter.poll_bulk(ticket, name, records, KEY) is None
        sandbox.ask("POST", "/clock", {"advance_seconds": 2})
        return adapter.poll_bulk(ticket, name, records, KEY).results

    def test_good_and_bad_people_come_back_in_order(self, connect, sandbox):
        records = [*(CASE.make_record(i) for i in range(700)), *(record for record, _, _ in CASE.bad_records)]
        adapter = connect(CASE)
        results = self.load(adapter, sandbox, records)
        assert all(r.ok and r.created for r in results[:700])
        assert [(r.code, r.field) for r in results[700:]] == [(code, field) for _, code, field in CASE.bad_records]
        sandbox.ask("POST", "/clock", {"advance_seconds": 2})
        again = self.load(adapter, sandbox, records[:50])
        assert [r.id for r in again] == [r.id for r in results[:50]] and not any(r.created for r in again)

    def test_a_profile_load_leaves_every_status_as_it_is(self, connect, sandbox):
        adapter = connect(CASE)
        rows = sandbox.ask("GET", f"/mailchimp/{MEMBERS}/records?limit=1000")["records"]
        before = {row["contact_id"]: row["status"] for row in rows}
        results = self.load(adapter, sandbox, [{KEY: row[KEY], "JOBTITLE": "New", "tags": "vip-club"} for row in rows])
        assert {r.code for r in results} == {"", "archived"}
        after = sandbox.ask("GET", f"/mailchimp/{MEMBERS}/records?limit=1000")["records"]
        assert {row["contact_id"]: row["status"] for row in after} == before
        tagged = [row for row in after if "vip-club" in [tag["name"] for tag in row["tags"]]]
        assert len(tagged) >= len(rows) - 20

    def test_where_everyone_must_confirm_new_people_are_asked(self, connect, sandbox):
        name = f"members:{PRODUCT_NEWS}"
        adapter = connect(CASE)
        results = self.load(adapter, sandbox, [{**CASE.make_record(1), "status": "subscribed"}], name=name)
        assert adapter.read_records(name, [results[0].id], ["status"])[0]["status"] == "pending"

    def test_the_link_ends_and_the_next_look_brings_another(self, connect, sandbox):
        adapter = connect(CASE)
        records = [CASE.make_record(1)]
        ticket = adapter.send_bulk(adapter.begin_bulk(MEMBERS, SyncMode.UPSERT, KEY), MEMBERS, records, KEY)
        sandbox.ask("POST", "/clock", {"advance_seconds": 2})
        sandbox.fault(platform="mailchimp", route="/mailchimp-batch-results", kind="reset", times=1)
        with pytest.raises(TransientError):
            adapter.poll_bulk(ticket, MEMBERS, records, KEY)
        assert adapter.poll_bulk(ticket, MEMBERS, records, KEY).results[0].ok

    def test_a_load_that_is_stopped_tells_nothing_and_is_sent_again(self, connect):
        adapter = connect(CASE)
        records = [CASE.make_record(1)]
        ticket = adapter.send_bulk(adapter.begin_bulk(MEMBERS, SyncMode.UPSERT, KEY), MEMBERS, records, KEY)
        adapter.abort_bulk(ticket)
        adapter.abort_bulk(ticket)
        results = adapter.poll_bulk(ticket, MEMBERS, records, KEY).results
        assert [(r.code, r.is_transient) for r in results] == [("no_answer", True)]
