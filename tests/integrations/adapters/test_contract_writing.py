"""What every adapter promises of writing, run against every platform over real HTTP."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from integrations.enums import SyncMode
from integrations.exceptions import (
    ConfigurationError,
    PlatformError,
    SyncpanelError,
)
from tests.integrations.adapters.contract import (
    upload,
)


@pytest.mark.needs("confirms")
class TestWriting:
    def test_an_upload_creates_and_the_second_updates(self, connect, case, sandbox):
        adapter = connect(case)
        records = [case.make_record(i) for i in range(50)]
        first, second = upload(adapter, case, records), upload(adapter, case, records)
        assert {(r.ok, r.created) for r in first.results} == {(True, True)}
        assert {(r.ok, r.created) for r in second.results} == {(True, False)}
        assert [r.id for r in first.results] == [r.id for r in second.results]

    @pytest.mark.needs("rereads")
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

    @pytest.mark.needs("rereads")
    def test_none_clears_a_field(self, connect, case):
        adapter = connect(case)
        _, first_name, _ = case.fields
        record = case.make_record(1)
        upload(adapter, case, [record])
        found = upload(adapter, case, [{**record, first_name: None}]).results[0]
        assert not adapter.read_records(case.object_name, [found.id], case.fields)[0][first_name]

    @pytest.mark.needs("rereads")
    def test_an_apostrophe_and_an_emoji_arrive_as_they_are(self, connect, case):
        adapter = connect(case)
        found = upload(adapter, case, [case.make_record(5)]).results[0]
        record = adapter.read_records(case.object_name, [found.id], case.fields)[0]
        assert record[case.fields[2]] == "O'Brien 5 🎉"

    @pytest.mark.needs("modes")
    def test_update_only_finds_what_is_there_and_adds_nothing(self, connect, case):
        adapter = connect(case)
        upload(adapter, case, [case.make_record(1)])
        results = upload(adapter, case, [case.make_record(1), case.make_record(2)], SyncMode.UPDATE).results
        assert [(r.ok, r.created, r.code) for r in results] == [(True, False, ""), (False, False, "not_found")]

    @pytest.mark.needs("modes")
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
        exchange = upload(connect(case), case, [case.make_record(1)]).exchanges[-1]
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

    @pytest.mark.needs("schema_errors")
    def test_a_field_that_is_not_there_stops_the_sync_and_is_named(self, connect, case):
        with pytest.raises(ConfigurationError, match="no_such_field") as caught:
            upload(connect(case), case, [{**case.make_record(1), "no_such_field": "x"}])
        assert caught.value.code == "schema_changed"

    @pytest.mark.needs("schema_errors")
    def test_a_key_the_platform_cannot_use_stops_the_sync(self, connect, case):
        with pytest.raises((ConfigurationError, PlatformError)) as caught:
            connect(case).upload_batch(
                case.object_name, [case.make_record(1)], SyncMode.UPSERT, case.fields[1], trace="7-1"
            )
        assert "@" not in caught.value.message

    def test_the_wire_size_is_about_what_travels(self, connect, case):
        adapter = connect(case)
        records = [case.make_record(i) for i in range(50)]
        calls = upload(adapter, case, records).exchanges
        sent = sum(len(call.request_body) for call in calls if call.status < 300)
        assert 0.7 < sum(map(adapter.wire_size, records)) / sent < 1.5


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
        assert case.is_in(7, shown[0].request_body)
        assert "?" not in shown[0].url

    @pytest.mark.needs("acknowledges")
    @pytest.mark.parametrize("kind", ["empty_2xx", "html", "half_json"])
    def test_an_unreadable_answer_to_a_write_is_shown(self, connect, case, sandbox, kind):
        sandbox.fault(platform=case.platform, route=case.write_route, kind=kind, status=200)
        with pytest.raises(SyncpanelError) as caught:
            upload(connect(case), case, [case.make_record(7)])
        assert case.is_in(7, caught.value.exchanges[0].request_body)

    def test_a_write_without_an_answer_shows_what_was_sent(self, connect, case, sandbox):
        sandbox.fault(platform=case.platform, route=case.write_route, kind="reset")
        with pytest.raises(SyncpanelError) as caught:
            upload(connect(case), case, [case.make_record(7)])
        (shown,) = caught.value.exchanges
        assert (shown.status, shown.response_body) == (0, b"")
        assert case.is_in(7, shown.request_body)

    @pytest.mark.needs("renews")
    def test_a_sign_in_is_never_shown(self, connect, case, sandbox):
        sandbox.fault(platform=case.platform, route=case.token_route, kind="status", status=400)
        with pytest.raises(SyncpanelError) as caught:
            upload(connect(case, renewing=True), case, [case.make_record(7)])
        assert caught.value.exchanges == ()
