"""Writing members: which calls are made, and what becomes of each person."""

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
    UnknownOutcomeError,
)
from tests.integrations.adapters.mailchimp.case import CASE, MEMBERS
from tests.integrations.adapters.mailchimp.conftest import LIST, Scripted, audience, member, problem
from tests.integrations.adapters.mailchimp.conftest import MEMBERS as PATH

ANN = f"{PATH}/{hash_address('ann@x.io')}"
RECORD = {"email_address": "ann@x.io", "FNAME": "Ann"}
KEY = "email_address"
NOT_FOUND = problem(404, "Resource Not Found")


def upload(adapter, *records, mode=SyncMode.UPSERT, key=KEY):
    return adapter.upload_batch("members:abc", records, mode, key, trace="7-1")


def bodies(script):
    return [orjson.loads(request.content or b"null") for request in script.requests]


def test_who_is_there_takes_one_call_that_says_nothing_of_consent(mailchimp):
    script = Scripted({f"PATCH {ANN}": member()})
    outcome = upload(mailchimp(script), RECORD)
    assert [(r.ok, r.created, r.id) for r in outcome.results] == [(True, False, "c-1")]
    assert bodies(script) == [{"email_address": "ann@x.io", "merge_fields": {"FNAME": "Ann"}}]
    assert script.requests[0].url.params["skip_merge_validation"] == "true"
    assert [call.method for call in outcome.exchanges] == ["PATCH"]


@pytest.mark.parametrize(("asks_all", "status"), [(False, "subscribed"), (True, "pending")])
def test_who_is_new_is_put_with_what_new_people_become(mailchimp, asks_all, status):
    answers = {f"PATCH {ANN}": NOT_FOUND, f"GET {LIST}": audience(double_optin=asks_all), f"PUT {ANN}": member()}
    script = Scripted(answers)
    outcome = upload(mailchimp(script), {**RECORD, "tags": "lead"})
    assert outcome.results[0].created and script.calls == [f"PATCH {ANN}", f"GET {LIST}", f"PUT {ANN}"]
    put = bodies(script)[-1]
    assert put["status_if_new"] == status and put["tags"] == ["lead"] and "status" not in put


@pytest.mark.parametrize(
    ("setting", "mapped", "status"), [("pending", "", "pending"), ("", "transactional", "transactional")]
)
def test_connection_and_mapping_say_what_new_people_become(mailchimp, setting, mapped, status):
    script = Scripted({f"PATCH {ANN}": NOT_FOUND, f"GET {LIST}": audience(), f"PUT {ANN}": member()})
    upload(mailchimp(script, new_people=setting), {**RECORD, "status_if_new": mapped})
    assert bodies(script)[-1]["status_if_new"] == status


def test_an_audience_that_is_gone_stops_the_sync(mailchimp):
    script = Scripted({f"PATCH {ANN}": NOT_FOUND, f"GET {LIST}": NOT_FOUND})
    for mode in (SyncMode.UPSERT, SyncMode.UPDATE):
        with pytest.raises(ConfigurationError) as caught:
            upload(mailchimp(script), RECORD, mode=mode)
        assert caught.value.code == "not_there"


def test_update_only_looks_whether_the_audience_is_there_before_it_says_not_found(mailchimp):
    script = Scripted({f"PATCH {ANN}": NOT_FOUND, f"GET {LIST}": audience()})
    result = upload(mailchimp(script), RECORD, mode=SyncMode.UPDATE).results[0]
    assert (result.ok, result.code) == (False, "not_found")


def test_add_only_posts(mailchimp):
    script = Scripted({f"GET {LIST}": audience(double_optin=True), f"POST {PATH}": member(status="pending")})
    result = upload(mailchimp(script), {**RECORD, "tags": ["a"]}, mode=SyncMode.CREATE).results[0]
    assert result.created and bodies(script)[-1]["status"] == "pending" and bodies(script)[-1]["tags"] == ["a"]


def test_a_member_is_addressed_by_contact_id_when_the_address_changes(mailchimp):
    script = Scripted({f"PATCH {PATH}/c-1": member("new@x.io")})
    record = {"contact_id": "c-1", "email_address": "new@x.io"}
    outcome = upload(mailchimp(script), record, mode=SyncMode.UPDATE, key="contact_id")
    assert outcome.results[0].id == "c-1" and bodies(script) == [{"email_address": "new@x.io"}]


def test_a_new_address_that_somebody_else_has_is_a_duplicate(mailchimp):
    script = Scripted({f"PATCH {PATH}/c-1": problem(400, "Member Exists", "new@x.io is already a list member.")})
    record = {"contact_id": "c-1", "email_address": "new@x.io"}
    result = upload(mailchimp(script), record, mode=SyncMode.UPDATE, key="contact_id").results[0]
    assert (result.code, result.field) == ("duplicate_value", "email_address") and "@" not in result.message


@pytest.mark.parametrize(("mode", "key"), [(SyncMode.UPSERT, "contact_id"), (SyncMode.UPDATE, "FNAME")])
def test_no_other_key_will_do(mailchimp, mode, key):
    with pytest.raises(ConfigurationError):
        upload(mailchimp(Scripted({})), {**RECORD, "contact_id": "c-1"}, mode=mode, key=key)


class TestStatus:
    """What becomes of somebody whose status the mapping writes, or who is archived."""

    def settle(self, mailchimp, current, after=None, mode=SyncMode.UPDATE, settings=None, **record):
        answers = iter([member(status=current), member(status=after or current)])
        script = Scripted({f"PATCH {ANN}": lambda _: httpx_json(next(answers)), f"GET {LIST}": audience()})
        outcome = upload(mailchimp(script, **(settings or {})), {**RECORD, **record}, mode=mode)
        return outcome.results[0], [body.get("status") for body in bodies(script) if body]

    def test_one_that_is_as_wanted_takes_no_further_call(self, mailchimp):
        result, written = self.settle(mailchimp, "subscribed", status="subscribed")
        assert result.ok and written == [None]

    def test_one_that_is_to_change_is_written_by_itself(self, mailchimp):
        result, written = self.settle(mailchimp, "transactional", "subscribed", status="subscribed")
        assert result.ok and written == [None, "subscribed"]

    def test_who_unsubscribed_has_to_opt_in_again_and_is_not_asked_to(self, mailchimp):
        result, written = self.settle(mailchimp, "unsubscribed", status="subscribed")
        assert (result.ok, result.code, result.is_transient) == (False, "needs_opt_in", False) and written == [None]

    def test_a_status_that_was_silently_ignored_is_no_success(self, mailchimp):
        result, _ = self.settle(mailchimp, "transactional", "transactional", status="subscribed")
        assert result.code == "needs_opt_in"
        result, _ = self.settle(mailchimp, "subscribed", "subscribed", status="unsubscribed")
        assert result.code == "refused"

    def test_somebody_archived_is_held_and_not_brought_back(self, mailchimp):
        result, written = self.settle(mailchimp, "archived", mode=SyncMode.UPSERT)
        assert (result.ok, result.code) == (False, "archived") and written == [None]

    def test_somebody_archived_is_out_of_reach_of_an_update(self, mailchimp):
        result, _ = self.settle(mailchimp, "archived")
        assert result.code == "not_found"

    def test_somebody_archived_is_added_again_where_the_connection_says_so(self, mailchimp):
        settings = {"archived_people": "add"}
        result, written = self.settle(mailchimp, "archived", "subscribed", SyncMode.UPSERT, settings)
        assert result.ok and result.created and written == [None, "subscribed"]


def httpx_json(body):
    return httpx.Response(200, json=body)


class TestTags:
    def test_tags_take_a_call_only_where_they_change(self, mailchimp):
        has = {"tags": [{"id": 1, "name": "a"}, {"id": 2, "name": "old"}], "tags_count": 2}
        script = Scripted({f"PATCH {ANN}": member(**has), f"POST {ANN}/tags": (200, {})})
        adapter = mailchimp(script)
        upload(adapter, {**RECORD, "tags": "a"})
        assert script.calls == [f"PATCH {ANN}"]
        upload(adapter, {**RECORD, "tags": "a;b", "tags_to_remove": "old;never"})
        changes = [{"name": "b", "status": "active"}, {"name": "old", "status": "inactive"}]
        assert bodies(script)[-1] == {"tags": changes}


POSTED = {"email_address": "ann@x.io", "status": "subscribed"}


def told(new=(), updated=(), errors=()):
    return {"new_members": list(new), "updated_members": list(updated), "errors": list(errors)}


class TestTogether:
    """Many in one call, where the status is written on purpose."""

    def test_statuses_go_out_in_one_call_that_updates_who_is_there(self, mailchimp):
        rows = told(new=[member("ann@x.io")], updated=[member("BOB@x.io", contact_id="c-2")])
        script = Scripted({f"GET {LIST}": audience(), f"POST {LIST}": rows})
        outcome = upload(mailchimp(script), POSTED, {"email_address": "bob@x.io", "status": "unsubscribed"})
        assert [(r.ok, r.created, r.id) for r in outcome.results] == [(True, True, "c-1"), (True, False, "c-2")]
        sent = bodies(script)[-1]
        assert sent["update_existing"] is True and [row["status"] for row in sent["members"]] == [
            "subscribed",
            "unsubscribed",
        ]
        assert script.requests[-1].url.params["skip_duplicate_check"] == "true"

    def test_who_writes_no_status_is_not_in_that_call(self, mailchimp):
        bob = f"{PATH}/{hash_address('bob@x.io')}"
        script = Scripted(
            {f"GET {LIST}": audience(), f"POST {LIST}": told(new=[member()]), f"PATCH {bob}": member("bob@x.io")}
        )
        outcome = upload(mailchimp(script), {"email_address": "bob@x.io", "status": None}, POSTED)
        assert [r.created for r in outcome.results] == [False, True]
        assert len(bodies(script)[1]["members"]) == 1

    def test_where_everyone_must_confirm_nobody_is_subscribed_in_one_call(self, mailchimp):
        script = Scripted(
            {f"GET {LIST}": audience(double_optin=True), f"PATCH {ANN}": NOT_FOUND, f"PUT {ANN}": member()}
        )
        upload(mailchimp(script), POSTED)
        assert bodies(script)[-1]["status_if_new"] == "pending"

    def test_who_is_in_none_of_the_three_lists_was_not_answered(self, mailchimp):
        script = Scripted({f"GET {LIST}": audience(), f"POST {LIST}": told()})
        result = upload(mailchimp(script), POSTED).results[0]
        assert (result.ok, result.code) == (False, "no_answer")

    @pytest.mark.parametrize(
        ("error", "code", "field"),
        [
            ({"error": "ann@x.io is in a compliance state due to …"}, "needs_opt_in", ""),
            ({"error": "ann@x.io looks fake or invalid"}, "invalid_email", "email_address"),
            ({"error": "Odd", "field": "SCORE", "field_message": "Please enter a number"}, "invalid_number", "SCORE"),
            ({"error": "Nobody has seen this"}, "refused", ""),
        ],
    )
    def test_an_error_is_read_by_its_words(self, mailchimp, error, code, field):
        row = {"email_address": '"ANN@x.io"', "error_code": "ERROR_GENERIC", "field": "", "field_message": "", **error}
        script = Scripted({f"GET {LIST}": audience(), f"POST {LIST}": told(errors=[row])})
        result = upload(mailchimp(script), POSTED).results[0]
        assert (result.code, result.field) == (code, field) and "@" not in f"{result.message}{result.technical}"

    def test_tags_of_those_who_were_there_take_a_call_of_their_own(self, mailchimp):
        script = Scripted(
            {f"GET {LIST}": audience(), f"POST {LIST}": told(updated=[member()]), f"POST {ANN}/tags": (200, {})}
        )
        outcome = upload(mailchimp(script), {**POSTED, "tags": "a"})
        assert outcome.results[0].ok and script.calls[-1] == f"POST {ANN}/tags" and len(outcome.exchanges) == 2

    def test_a_field_that_is_gone_stops_the_sync(self, mailchimp):
        script = Scripted({f"GET {LIST}": audience(), f"POST {LIST}": told(new=[member()])})
        with pytest.raises(SchemaChangedError, match="GONE"):
            upload(mailchimp(script), {**POSTED, "GONE": "x"})

    @pytest.mark.parametrize("body", [{}, [], {"new_members": [], "updated_members": [], "errors": None}])
    def test_an_answer_of_another_shape_leaves_it_open(self, mailchimp, body):
        script = Scripted({f"GET {LIST}": audience(), f"POST {LIST}": body})
        with pytest.raises(UnknownOutcomeError):
            upload(mailchimp(script), POSTED)


class TestMany:
    """A batch is many calls, a few of them at one time."""

    RECORDS = [{"email_address": f"p{i}@x.io", "FNAME": "Ann"} for i in range(40)]

    def test_a_call_that_fails_for_another_reason_than_its_person_fails_the_batch(self, mailchimp):
        answers = {f"PATCH {PATH}/{hash_address(r[KEY])}": member(r[KEY]) for r in self.RECORDS}
        answers[f"PATCH {PATH}/{hash_address('p7@x.io')}"] = problem(429, "Too Many Requests")
        script = Scripted(answers)
        with pytest.raises(RateLimitedError) as caught:
            upload(mailchimp(script), *self.RECORDS)
        assert b"p7@x.io" in caught.value.exchanges[0].request_body

    def test_a_dead_key_is_not_tried_forty_times(self, mailchimp):
        refused = problem(401, "API Key Invalid")
        script = Scripted({f"PATCH {PATH}/{hash_address(r[KEY])}": refused for r in self.RECORDS})
        with pytest.raises(SignInError):
            upload(mailchimp(script), *self.RECORDS)
        assert len(script.requests) < 40


class TestArchiving:
    def test_who_cannot_be_archived_or_is_gone_is_done(self, mailchimp):
        gone = problem(405, "Method Not Allowed", "This list member cannot be removed.")
        script = Scripted(
            {
                f"GET {LIST}": audience(),
                f"DELETE {PATH}/a": (204, None),
                f"DELETE {PATH}/b": gone,
                f"DELETE {PATH}/c": NOT_FOUND,
            }
        )
        outcome = mailchimp(script).archive_records("members:abc", ["a", "b", "c"], trace="7-1")
        assert [(r.ok, r.id) for r in outcome.results] == [(True, "a"), (True, "b"), (True, "c")]
        assert [call.status for call in outcome.exchanges] == [204, 405, 404]

    def test_from_an_audience_that_is_gone_nobody_was_archived(self, mailchimp):
        with pytest.raises(ConfigurationError):
            mailchimp(Scripted({f"DELETE {PATH}/a": NOT_FOUND, f"GET {LIST}": NOT_FOUND})).archive_records(
                "members:abc", ["a"], trace="7-1"
            )


class TestAgainstTheSandbox:
    def test_consent_survives_a_sync_of_profiles(self, connect, sandbox):
        adapter = connect(CASE)
        rows = sandbox.ask("GET", f"/mailchimp/{MEMBERS}/records?limit=1000")["records"]
        before = {row["contact_id"]: row["status"] for row in rows if row["status"] != "archived"}
        records = [{KEY: row["email_address"], "JOBTITLE": "Changed"} for row in rows if row["status"] != "archived"]
        assert all(
            r.ok and not r.created for r in adapter.upload_batch(MEMBERS, records, "upsert", KEY, trace="1").results
        )
        after = sandbox.ask("GET", f"/mailchimp/{MEMBERS}/records?limit=1000")["records"]
        assert {row["contact_id"]: row["status"] for row in after if row["status"] != "archived"} == before
        assert {"unsubscribed", "cleaned", "transactional", "subscribed"} <= set(before.values())

    def test_a_person_keeps_the_id_when_the_address_changes(self, connect):
        adapter = connect(CASE)
        first = adapter.upload_batch(MEMBERS, [CASE.make_record(1)], "upsert", KEY, trace="1").results[0]
        record = {"contact_id": first.id, KEY: "moved@example.org", "FNAME": "Anna"}
        second = adapter.upload_batch(MEMBERS, [record], "update", "contact_id", trace="2").results[0]
        assert second.ok and second.id == first.id
        found = adapter.read_records(MEMBERS, [first.id], [KEY, "FNAME"])
        assert found == [{"id": first.id, KEY: "moved@example.org", "FNAME": "Anna"}]
        assert adapter.find_records(MEMBERS, KEY, ["person1@example.org"], [KEY]) == []
        again = adapter.upload_batch(MEMBERS, [record], "update", "contact_id", trace="2").results[0]
        assert again.ok and again.id == first.id

    def test_archived_forgotten_and_busy_people_have_their_own_words(self, connect, sandbox):
        sandbox.ask("POST", "/reset", {"contacts": 1_000})
        adapter = connect(CASE)
        emails = [row["email"] for row in sandbox.ask("GET", "/hubspot/contacts/records?limit=1000")["records"]]
        archived = next(
            row["email_address"]
            for row in sandbox.ask("GET", f"/mailchimp/{MEMBERS}/records?limit=1000")["records"]
            if row["status"] == "archived"
        )
        records = [{KEY: email, "FNAME": "Ann"} for email in (archived, emails[300], emails[600])]
        results = adapter.upload_batch(MEMBERS, records, "upsert", KEY, trace="1").results
        assert [r.code for r in results] == ["archived", "forgotten", "later"]
        assert not any(r.is_transient for r in results)

    def test_statuses_written_on_purpose_go_in_one_call_and_rows_it_forgets_are_not_answered(self, connect, sandbox):
        adapter = connect(CASE)
        records = [{**CASE.make_record(i), "status": "subscribed"} for i in range(30)]
        sandbox.ask("POST", "/settings", {"mailchimp_forget_rows": 2})
        try:
            outcome = adapter.upload_batch(MEMBERS, records, "upsert", KEY, trace="1")
        finally:
            sandbox.ask("POST", "/settings", {"mailchimp_forget_rows": 0})
        assert sorted(r.code for r in outcome.results) == [""] * 28 + ["no_answer"] * 2
        assert len(outcome.exchanges) == 1 and sum(r.created for r in outcome.results) == 28

    def test_groups_tags_and_permissions_arrive_and_are_read_back(self, connect):
        adapter = connect(CASE)
        fields = ["tags", "group:9e5d2c7b10", "group:af6e3d8c21", "vip", "language"]
        record = {**CASE.make_record(1), "tags": "a;b", "vip": True, "language": "de", "group:af6e3d8c21": "Weekly"}
        record["group:9e5d2c7b10"] = "Events;8da15c43e2"
        found = adapter.upload_batch(MEMBERS, [record], "upsert", KEY, trace="1").results[0]
        read = adapter.read_records(MEMBERS, [found.id], fields)[0]
        assert read == {"id": found.id, **{name: record[name] for name in fields}}
        changed = {KEY: record[KEY], "tags": "c", "tags_to_remove": "a", "group:9e5d2c7b10": None, "vip": None}
        adapter.upload_batch(MEMBERS, [changed], "upsert", KEY, trace="2")
        read = adapter.read_records(MEMBERS, [found.id], fields)[0]
        assert (read["tags"], read["group:9e5d2c7b10"], read["vip"]) == ("b;c", None, False)

    def test_ten_connections_are_never_all_taken(self, connect, sandbox):
        sandbox.ask("POST", "/settings", {"limits": True, "mailchimp_latency_ms": 20})
        try:
            records = [CASE.make_record(i) for i in range(60)]
            assert all(r.ok for r in connect(CASE).upload_batch(MEMBERS, records, "upsert", KEY, trace="1").results)
        finally:
            sandbox.ask("POST", "/settings", {"limits": False, "mailchimp_latency_ms": 0})
        assert sandbox.ask("GET", f"/mailchimp/{MEMBERS}/summary")["most_connections"] == 8
