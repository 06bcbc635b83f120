"""What every adapter promises of signing in, run against every platform over real HTTP."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from integrations.adapters.testing import MemoryTokens
from integrations.exceptions import (
    SignInError,
    SyncpanelError,
)
from integrations.types import Token
from tests.integrations.adapters.contract import (
    everything,
    upload,
)


@pytest.mark.needs("renews")
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
