"""What every adapter promises of faults and limits, run against every platform over real HTTP."""

from datetime import UTC, datetime, timedelta

import pytest

from integrations.adapters.registry import capabilities
from integrations.adapters.testing import MemoryTokens, Unlimited
from integrations.enums import SyncMode
from integrations.exceptions import (
    ConfigurationError,
    RateLimitedError,
    TransientError,
    UnknownOutcomeError,
)
from integrations.rate_limits.registry import policy
from integrations.types import Token
from tests.integrations.adapters.contract import adapter_credentials, everything, fill, read_all, since_long_ago, upload

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
    @pytest.mark.needs("reads")
    @pytest.mark.parametrize(("fault", "family", "code"), READ_FAULTS, ids=name_fault)
    def test_a_fault_while_reading_has_its_family(self, connect, case, sandbox, fault, family, code):
        adapter = connect(case, timeout=0.4)
        adapter.count(case.object_name, everything())
        sandbox.fault(platform=case.platform, route=case.read_route, **fault)
        with pytest.raises(family) as caught:
            adapter.fetch_records(case.object_name, {}, everything(), case.fields)
        assert not isinstance(caught.value, UnknownOutcomeError)
        assert code in (None, caught.value.code) and caught.value.message.endswith(".")

    @pytest.mark.needs("acknowledges")
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

    @pytest.mark.needs("confirms", "answers_in_rows")
    def test_rows_missing_from_the_answer_count_as_not_sent(self, connect, case, sandbox):
        adapter = connect(case)
        sandbox.fault(platform=case.platform, route=case.write_route, kind="drop_rows", rows=3)
        results = upload(adapter, case, [case.make_record(i) for i in range(10)]).results
        assert sorted(result.code for result in results) == [""] * 7 + ["no_answer"] * 3

    @pytest.mark.needs("pauses")
    def test_a_limit_pauses_the_group_and_says_until_when(self, connect, case, sandbox):
        permits = Unlimited()
        adapter = connect(case, permits=permits)
        adapter.count(case.object_name, everything())
        sandbox.fault(platform=case.platform, route=case.write_route, **case.slow_down)
        with pytest.raises(RateLimitedError) as caught:
            upload(adapter, case, [case.make_record(1)])
        assert not caught.value.is_long and caught.value.retry_at > datetime.now(UTC)
        group, seconds, reason = permits.pauses[0]
        assert group == permits.calls[-1] and 0 < seconds <= 10 and reason == caught.value.message

    @pytest.mark.needs("days")
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
        upload(adapter, case, [case.make_record(1)])
        before = len(permits.calls)
        adapter.count(case.object_name, everything())
        upload(adapter, case, [case.make_record(1)])
        assert len(permits.calls) == len(permits.answers) == before + case.count_calls + 1
        assert {status for _, status in permits.answers[before:]} == {case.good_status}

    def test_the_groups_of_calls_are_those_of_the_rate_limit_policy(self, connect, case):
        permits = Unlimited()
        adapter = connect(case, permits=permits)
        adapter.check()
        fill(adapter, case, 1)
        if "reads" in case.traits:
            read_all(adapter, case, since_long_ago())
        if capabilities(case.platform).bulk_limits:
            adapter.begin_bulk(case.object_name, SyncMode.UPSERT, case.key)
        assert case.groups & set(permits.calls) and set(permits.calls) <= set(policy(case.platform).groups)
