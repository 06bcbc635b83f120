"""What every adapter promises, run against every platform over real HTTP."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from integrations.adapters.registry import capabilities
from integrations.adapters.testing import MemoryTokens, Unlimited
from integrations.enums import SyncMode
from integrations.exceptions import (
    ConfigurationError,
    PlatformError,
    RateLimitedError,
    SignInError,
    SyncpanelError,
    TransientError,
    UnknownOutcomeError,
)
from integrations.rate_limits.registry import policy
from integrations.types import Token, Window

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


def everything() -> Window:
    return Window(None, datetime.now(UTC))


def since_long_ago() -> Window:
    return Window(LONG_AGO, datetime.now(UTC) + timedelta(days=1))


def read_all(adapter, case, window):
    """All records, page by page, and the number of pages."""
    cursor, records, pages = {}, [], 0
    while cursor is not None:
        page = adapter.fetch_records(case.object_name, cursor, window, case.fields)
        records += page.records
        pages += 1
        cursor = page.next_cursor
    return records, pages


def upload(adapter, case, records, mode=SyncMode.UPSERT, trace="7-1"):
    return adapter.upload_batch(case.object_name, records, mode, case.key, trace=trace)


def fill(adapter, case, count):
    """Uploads `count` good records."""
    size = capabilities(case.platform).batch_limits.records
    for start in range(0, count, size):
        records = [case.make_record(i) for i in range(start, min(start + size, count))]
        assert all(result.ok for result in upload(adapter, case, records).results)


class TestCheck:
    def test_a_good_connection_has_four_good_lines_and_a_name(self, connect, case):
        found = connect(case).check()
        assert [line.ok for line in found.lines] == [True] * 4
        assert found.ok and found.account and found.account_id and found.facts

    def test_a_wrong_secret_fails_the_second_line_and_says_what_to_do(self, connect, case):
        found = connect(case, secrets={case.wrong_secret: "wrong"}).check()
        assert [line.ok for line in found.lines] == [True, False, False, False]
        assert found.lines[1].fix.endswith(".") and "wrong" not in found.lines[1].fix

    def test_a_missing_secret_is_a_line_too(self, connect, case):
        found = connect(case, secrets={case.wrong_secret: ""}).check()
        assert "is missing" in found.lines[1].fix

    def test_a_platform_that_is_away_fails_the_first_line(self, connect, case, sandbox):
        sandbox.fault(platform=case.platform, kind="reset")
        found = connect(case).check()
        assert [line.ok for line in found.lines] == [False] * 4
        assert "Try again" in found.lines[0].fix


class TestDescribe:
    def test_the_key_is_offered_and_the_required_fields_are_known(self, connect, case):
        schema = connect(case).describe(case.object_name)
        assert schema.field(case.key).is_key
        assert {field.name for field in schema.fields if field.required} == case.required

    def test_choices_come_with_labels(self, connect, case):
        schema = connect(case).describe(case.object_name)
        lists = [field for field in schema.fields if field.choices]
        assert lists and all(len(field.choices) == len(field.choice_labels) for field in lists)

    def test_an_object_that_is_not_there_is_a_matter_of_configuration(self, connect, case):
        with pytest.raises(ConfigurationError):
            connect(case).describe("Nonsense")


class TestReading:
    def test_a_full_reading_sees_every_record_once(self, connect, case):
        adapter = connect(case)
        fill(adapter, case, 250)
        records, _ = read_all(adapter, case, everything())
        assert (
            len(records) == len({record["id"] for record in records}) == adapter.count(case.object_name, everything())
        )
        assert {f"person{i}@example.org" for i in range(250)} <= {record[case.key] for record in records}

    def test_records_are_flat_with_the_id_first_and_only_the_fields_asked_for(self, connect, case):
        adapter = connect(case)
        fill(adapter, case, 1)
        records, _ = read_all(adapter, case, everything())
        assert {tuple(record) for record in records} == {("id", *case.fields)}
        assert all(isinstance(record["id"], str) for record in records)

    def test_without_a_list_of_fields_all_of_them_are_read(self, connect, case):
        adapter = connect(case)
        fill(adapter, case, 1)
        page = adapter.fetch_records(case.object_name, {}, everything(), [])
        assert set(case.fields) < set(page.records[0]) and len(page.records[0]) > 20

    def test_ten_thousand_records_with_one_timestamp_are_each_seen_once(self, connect, case, sandbox):
        sandbox.ask("POST", "/reset", {"contacts": 10_500})
        adapter = connect(case)
        if case.platform == "hubspot":
            sandbox.ask("POST", "/hubspot/contacts/touch", {"count": 10_500})
        else:
            fill(adapter, case, 10_500)
        records, pages = read_all(adapter, case, since_long_ago())
        assert len(records) == len({record["id"] for record in records}) == 10_500
        assert pages <= 10_500 // 200 + 2

    def test_an_incremental_reading_leaves_out_what_did_not_change(self, connect, case, sandbox):
        adapter = connect(case)
        sandbox.ask("POST", "/clock", {"advance_seconds": 3600})
        fill(adapter, case, 3)
        soon = datetime.now(UTC) + timedelta(minutes=50)
        records, _ = read_all(adapter, case, Window(soon, soon + timedelta(days=1)))
        assert sorted(record[case.key] for record in records) == [f"person{i}@example.org" for i in range(3)]

    def test_records_are_read_by_id_and_unknown_ids_are_left_out(self, connect, case):
        adapter = connect(case)
        ids = [result.id for result in upload(adapter, case, [case.make_record(i) for i in range(3)]).results]
        found = adapter.read_records(case.object_name, [*ids, ids[0], ids[0][:-3] + "zzz"], case.fields)
        assert sorted(record["id"] for record in found) == sorted(ids)

    def test_a_reading_goes_on_from_its_cursor_in_another_worker(self, connect, case, sandbox):
        first, second = connect(case), connect(case)
        if case.platform == "salesforce":
            fill(first, case, 2100)
        page = first.fetch_records(case.object_name, {}, everything(), case.fields)
        rest = second.fetch_records(case.object_name, page.next_cursor, everything(), case.fields)
        assert not {r["id"] for r in page.records} & {r["id"] for r in rest.records} and rest.records


class TestWriting:
    def test_an_upload_creates_and_the_second_updates(self, connect, case, sandbox):
        adapter = connect(case)
        records = [case.make_record(i) for i in range(50)]
        first, second = upload(adapter, case, records), upload(adapter, case, records)
        assert {(r.ok, r.created) for r in first.results} == {(True, True)}
        assert {(r.ok, r.created) for r in second.results} == {(True, False)}
        assert [r.id for r in first.results] == [r.id for r in second.results]

    @pytest.mark.parametrize("omits", [False, True], ids=["with-trace-ids", "without-trace-ids"])
    def test_results_have_the_order_of_the_records(self, connect, case, sandbox, omits):
        sandbox.ask("POST", "/settings", {"shuffle": True, "omit_trace_ids": omits})
        adapter = connect(case)
        records = [case.make_record(i) for i in range(60)]
        results = upload(adapter, case, records).results
        found = {r["id"]: r for r in adapter.read_records(case.object_name, [r.id for r in results], case.fields)}
        assert [found[result.id][case.key] for result in results] == [record[case.key] for record in records]
        assert all(result.created for result in results)

    def test_bad_records_are_refused_one_by_one_with_code_and_field(self, connect, case):
        adapter = connect(case)
        good = [case.make_record(i) for i in range(len(case.bad_records))]
        mixed = [record for pair in zip(good, [bad for bad, _, _ in case.bad_records], strict=True) for record in pair]
        results = upload(adapter, case, mixed).results
        assert [result.ok for result in results[::2]] == [True] * len(good)
        told = [(result.code, result.field) for result in results[1::2]]
        assert told == [(code, field) for _, code, field in case.bad_records]

    def test_a_refusal_is_a_sentence_without_the_values(self, connect, case):
        results = upload(connect(case), case, [bad for bad, _, _ in case.bad_records]).results
        for result, (bad, _, _) in zip(results, case.bad_records, strict=True):
            assert result.message.endswith(".") and "@" not in result.message
            assert not any(isinstance(v, str) and v in result.message for v in bad.values() if v)

    def test_a_batch_of_records_without_a_key_makes_no_call(self, connect, case):
        outcome = upload(connect(case), case, [{**case.make_record(1), case.key: " "}])
        assert outcome.results[0].code == "missing_key" and not outcome.exchanges

    def test_none_clears_a_field(self, connect, case):
        adapter = connect(case)
        _, first_name, _ = case.fields
        record = case.make_record(1)
        upload(adapter, case, [record])
        found = upload(adapter, case, [{**record, first_name: None}]).results[0]
        assert not adapter.read_records(case.object_name, [found.id], case.fields)[0][first_name]

    def test_an_apostrophe_and_an_emoji_arrive_as_they_are(self, connect, case):
        adapter = connect(case)
        found = upload(adapter, case, [case.make_record(5)]).results[0]
        record = adapter.read_records(case.object_name, [found.id], case.fields)[0]
        assert record[case.fields[2]] == "O'Brien 5 🎉"

    def test_update_only_finds_what_is_there_and_adds_nothing(self, connect, case):
        adapter = connect(case)
        upload(adapter, case, [case.make_record(1)])
        results = upload(adapter, case, [case.make_record(1), case.make_record(2)], SyncMode.UPDATE).results
        assert [(r.ok, r.created, r.code) for r in results] == [(True, False, ""), (False, False, "not_found")]

    def test_add_only_changes_nobody(self, connect, case):
        adapter = connect(case)
        upload(adapter, case, [case.make_record(1)])
        results = upload(adapter, case, [case.make_record(1), case.make_record(2)], SyncMode.CREATE).results
        assert [(r.ok, r.created) for r in results] == [(False, False), (True, True)]
        assert results[0].code in ("already_exists", "duplicate_value")

    def test_the_mode_may_be_the_word_from_the_database(self, connect, case):
        results = upload(connect(case), case, [case.make_record(1)], "upsert").results
        assert results[0].created

    def test_the_exact_call_is_kept_without_the_token(self, connect, case):
        exchange = upload(connect(case), case, [case.make_record(1)]).exchanges[0]
        assert exchange.status == 200 and b"person1@example.org" in exchange.request_body and exchange.response_body
        assert "?" not in exchange.url and "Bearer" not in repr(exchange)

    def test_several_threads_upload_at_once(self, connect, case):
        adapter = connect(case)

        def send(batch: int):
            records = [case.make_record(batch * 50 + i) for i in range(50)]
            return upload(adapter, case, records, trace=f"7-{batch}").results

        with ThreadPoolExecutor(8) as pool:
            results = [result for found in pool.map(send, range(16)) for result in found]
        assert len({result.id for result in results if result.created}) == 800

    def test_a_field_that_is_not_there_stops_the_sync_and_is_named(self, connect, case):
        with pytest.raises(ConfigurationError, match="no_such_field") as caught:
            upload(connect(case), case, [{**case.make_record(1), "no_such_field": "x"}])
        assert caught.value.code == "schema_changed"

    def test_a_key_the_platform_cannot_use_stops_the_sync(self, connect, case):
        with pytest.raises((ConfigurationError, PlatformError)) as caught:
            connect(case).upload_batch(
                case.object_name, [case.make_record(1)], SyncMode.UPSERT, case.fields[1], trace="7-1"
            )
        assert "@" not in caught.value.message

    def test_the_wire_size_is_about_what_travels(self, connect, case):
        adapter = connect(case)
        records = [case.make_record(i) for i in range(50)]
        sent = len(upload(adapter, case, records).exchanges[0].request_body)
        assert 0.7 < sum(map(adapter.wire_size, records)) / sent < 1.5


READ_FAULTS = [
    ({"kind": "status", "status": 500}, TransientError, "platform_trouble"),
    ({"kind": "status", "status": 503}, TransientError, "platform_trouble"),
    ({"kind": "status", "status": 404}, ConfigurationError, None),
    ({"kind": "reset"}, TransientError, "connection_lost"),
    ({"kind": "hang"}, TransientError, "timeout"),
    ({"kind": "html", "status": 200}, TransientError, "html_answer"),
    ({"kind": "html", "status": 502}, TransientError, "platform_trouble"),
    ({"kind": "empty_2xx"}, TransientError, "empty_answer"),
    ({"kind": "half_json"}, TransientError, "half_answer"),
    ({"kind": "status", "status": 200, "body": {"odd": 1}}, TransientError, "unexpected_answer"),
]
WRITE_FAULTS = [
    ({"kind": "status", "status": 500}, UnknownOutcomeError, "platform_trouble"),
    ({"kind": "status", "status": 503}, TransientError, "platform_trouble"),
    ({"kind": "reset"}, UnknownOutcomeError, "connection_lost"),
    ({"kind": "hang"}, UnknownOutcomeError, "timeout"),
    ({"kind": "html", "status": 200}, UnknownOutcomeError, "html_answer"),
    ({"kind": "html", "status": 504}, UnknownOutcomeError, "platform_trouble"),
    ({"kind": "empty_2xx"}, UnknownOutcomeError, "empty_answer"),
    ({"kind": "half_json"}, UnknownOutcomeError, "half_answer"),
    ({"kind": "status", "status": 200, "body": "odd"}, UnknownOutcomeError, "unexpected_answer"),
]


def name_fault(value) -> str | None:
    return "-".join(map(str, value.values())) if isinstance(value, dict) else None


class TestFaults:
    @pytest.mark.parametrize(("fault", "family", "code"), READ_FAULTS, ids=name_fault)
    def test_a_fault_while_reading_has_its_family(self, connect, case, sandbox, fault, family, code):
        adapter = connect(case, timeout=0.4)
        adapter.count(case.object_name, everything())
        sandbox.fault(platform=case.platform, route=case.read_route, **fault)
        with pytest.raises(family) as caught:
            adapter.fetch_records(case.object_name, {}, everything(), case.fields)
        assert not isinstance(caught.value, UnknownOutcomeError)
        assert code in (None, caught.value.code) and caught.value.message.endswith(".")

    @pytest.mark.parametrize(("fault", "family", "code"), WRITE_FAULTS, ids=name_fault)
    def test_a_fault_while_writing_has_its_family(self, connect, case, sandbox, fault, family, code):
        adapter = connect(case, timeout=0.4)
        adapter.count(case.object_name, everything())
        sandbox.fault(platform=case.platform, route=case.write_route, **fault)
        with pytest.raises(family) as caught:
            upload(adapter, case, [case.make_record(1)])
        assert caught.value.code == code and caught.value.message.endswith(".")

    def test_nothing_is_unknown_when_the_call_never_left(self, connect, case):
        adapter = connect(case)
        token = Token("x", base_url="http://127.0.0.1:9")
        adapter = type(adapter)(
            adapter_credentials(case, "http://127.0.0.1:9"), MemoryTokens(token), Unlimited(), timeout=1.0
        )
        with pytest.raises(TransientError) as caught:
            upload(adapter, case, [case.make_record(1)])
        assert caught.value.code == "unreachable" and not isinstance(caught.value, UnknownOutcomeError)

    def test_rows_missing_from_the_answer_count_as_not_sent(self, connect, case, sandbox):
        adapter = connect(case)
        sandbox.fault(platform=case.platform, route=case.write_route, kind="drop_rows", rows=3)
        results = upload(adapter, case, [case.make_record(i) for i in range(10)]).results
        assert sorted(result.code for result in results) == [""] * 7 + ["no_answer"] * 3

    def test_a_limit_pauses_the_group_and_says_until_when(self, connect, case, sandbox):
        permits = Unlimited()
        adapter = connect(case, permits=permits)
        adapter.count(case.object_name, everything())
        if case.platform == "hubspot":
            sandbox.fault(platform=case.platform, route=case.write_route, kind="status", status=429)
        else:
            busy = [
                {
                    "message": "ConcurrentRequests (Concurrent API Requests) Limit exceeded.",
                    "errorCode": "REQUEST_LIMIT_EXCEEDED",
                }
            ]
            sandbox.fault(platform=case.platform, route=case.write_route, kind="status", status=403, body=busy)
        with pytest.raises(RateLimitedError) as caught:
            upload(adapter, case, [case.make_record(1)])
        assert not caught.value.is_long and caught.value.retry_at > datetime.now(UTC)
        group, seconds, reason = permits.pauses[0]
        assert group == permits.calls[-1] and 0 < seconds <= 10 and reason == caught.value.message

    def test_the_limit_of_the_day_is_a_long_wait(self, connect, case, sandbox):
        adapter = connect(case)
        adapter.count(case.object_name, everything())
        sandbox.ask("POST", "/settings", {"limits": True, "daily_used": {case.platform: 250_000}})
        try:
            with pytest.raises(RateLimitedError) as caught:
                upload(adapter, case, [case.make_record(1)])
            assert caught.value.is_long and caught.value.retry_at > datetime.now(UTC) + timedelta(minutes=30)
        finally:
            sandbox.ask("POST", "/settings", {"limits": False})

    def test_every_call_takes_a_permit_and_teaches_the_limiter(self, connect, case):
        permits = Unlimited()
        adapter = connect(case, permits=permits)
        adapter.count(case.object_name, everything())
        upload(adapter, case, [case.make_record(1)])
        assert len(permits.calls) == len(permits.answers) == 2
        assert {status for _, status in permits.answers} == {200}

    def test_the_groups_of_calls_are_those_of_the_rate_limit_policy(self, connect, case):
        permits = Unlimited()
        adapter = connect(case, permits=permits)
        adapter.check()
        fill(adapter, case, 1)
        read_all(adapter, case, since_long_ago())
        if capabilities(case.platform).bulk_limits:
            adapter.begin_bulk(case.object_name, SyncMode.UPSERT, case.key)
        assert {"api", "crm"} & set(permits.calls) and set(permits.calls) <= set(policy(case.platform).groups)


def adapter_credentials(case, url):
    """Credentials of the right shape for another address."""
    known = {"base_url": url, "access_token": "x", "client_id": "x", "client_secret": "x", "api_version": "62.0"}
    return case.sign_in(known)


class TestSignIn:
    def test_an_expired_token_is_renewed_once_for_eight_threads(self, connect, case, sandbox):
        tokens = MemoryTokens()
        adapter = connect(case, tokens=tokens, renewing=True)
        adapter.count(case.object_name, everything())
        sandbox.fault(platform=case.platform, kind="expire_token")
        with ThreadPoolExecutor(8) as pool:
            counts = list(pool.map(lambda _: adapter.count(case.object_name, everything()), range(8)))
        assert len(set(counts)) == 1
        assert tokens.saved == 2 == sandbox.count_calls(case.platform, case.token_route)

    def test_a_token_renewed_by_another_worker_is_taken_over(self, connect, case, sandbox):
        tokens = MemoryTokens()
        first, second = (connect(case, tokens=tokens, renewing=True) for _ in range(2))
        for adapter in (first, second):
            adapter.count(case.object_name, everything())
        sandbox.fault(platform=case.platform, kind="expire_token")
        first.count(case.object_name, everything())
        second.count(case.object_name, everything())
        assert tokens.saved == 2

    def test_a_token_that_ends_soon_is_renewed_ahead(self, connect, case):
        tokens = MemoryTokens(Token("old", expires_at=datetime.now(UTC) + timedelta(seconds=5)))
        connect(case, tokens=tokens, renewing=True).count(case.object_name, everything())
        assert tokens.saved == 1 and tokens.current().access_token != "old"

    def test_a_revoked_sign_in_stops_and_is_not_asked_for_again(self, connect, case, sandbox):
        adapter = connect(case, tokens=MemoryTokens(), renewing=True)
        adapter.count(case.object_name, everything())
        sandbox.fault(platform=case.platform, kind="revoke")
        asked = sandbox.count_calls(case.platform, case.token_route)

        def try_it(_):
            with pytest.raises(SignInError) as caught:
                upload(adapter, case, [case.make_record(1)])
            return caught.value

        with ThreadPoolExecutor(8) as pool:
            problems = list(pool.map(try_it, range(8)))
        assert {problem.code for problem in problems} == {"sign_in"}
        assert sandbox.count_calls(case.platform, case.token_route) - asked <= 1

    def test_after_a_revoked_sign_in_came_back_a_new_adapter_works(self, connect, case, sandbox):
        tokens = MemoryTokens()
        sandbox.fault(platform=case.platform, kind="revoke")
        with pytest.raises(SignInError):
            connect(case, tokens=tokens, renewing=True).count(case.object_name, everything())
        sandbox.mend()
        assert connect(case, tokens=tokens, renewing=True).count(case.object_name, everything()) is not None

    def test_no_error_of_a_sign_in_tells_the_secret(self, connect, case):
        with pytest.raises(SyncpanelError) as caught:
            connect(case, secrets={case.wrong_secret: "TOP-SECRET-1"}).count(case.object_name, everything())
        assert "TOP-SECRET-1" not in f"{caught.value!r} {caught.value.message} {caught.value.technical}"


class TestClosing:
    def test_a_closed_adapter_can_be_closed_again(self, connect, case):
        adapter = connect(case)
        adapter.count(case.object_name, everything())
        adapter.close()
        adapter.close()


class TestHandleError:
    @pytest.mark.parametrize("problem", [ValueError("x"), KeyError("y"), OSError("z"), SignInError("A sentence.")])
    def test_anything_becomes_one_of_our_families(self, connect, case, problem):
        error = connect(case).handle_error(problem)
        assert isinstance(error, SyncpanelError) and error.message.endswith(".")


class TestCalls:
    """What a person may see of a write that went wrong: the call, and nothing that signs in."""

    @pytest.mark.parametrize("status", [400, 401, 403, 429, 500, 503])
    def test_a_refused_write_shows_its_call(self, connect, case, sandbox, status):
        adapter = connect(case)
        upload(adapter, case, [case.make_record(1)])
        sandbox.fault(platform=case.platform, route=case.write_route, kind="status", status=status)
        with pytest.raises(SyncpanelError) as caught:
            upload(adapter, case, [case.make_record(7)])
        shown = caught.value.exchanges
        assert [call.status for call in shown] == [status]
        assert b"person7@example.org" in shown[0].request_body
        assert "?" not in shown[0].url

    @pytest.mark.parametrize("kind", ["empty_2xx", "html", "half_json"])
    def test_an_unreadable_answer_to_a_write_is_shown(self, connect, case, sandbox, kind):
        sandbox.fault(platform=case.platform, route=case.write_route, kind=kind, status=200)
        with pytest.raises(SyncpanelError) as caught:
            upload(connect(case), case, [case.make_record(7)])
        assert b"person7@example.org" in caught.value.exchanges[0].request_body

    def test_a_write_without_an_answer_shows_what_was_sent(self, connect, case, sandbox):
        sandbox.fault(platform=case.platform, route=case.write_route, kind="reset")
        with pytest.raises(SyncpanelError) as caught:
            upload(connect(case), case, [case.make_record(7)])
        (shown,) = caught.value.exchanges
        assert (shown.status, shown.response_body) == (0, b"")
        assert b"person7@example.org" in shown.request_body

    def test_a_sign_in_is_never_shown(self, connect, case, sandbox):
        sandbox.fault(platform=case.platform, route=case.token_route, kind="status", status=400)
        with pytest.raises(SyncpanelError) as caught:
            upload(connect(case, renewing=True), case, [case.make_record(7)])
        assert caught.value.exchanges == ()
