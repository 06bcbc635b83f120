"""The test of a connection says what works, what is missing, and what Segment does not tell."""

import httpx
import pytest

from integrations.adapters.checking import NOT_TRIED
from integrations.adapters.segment import ADAPTER
from integrations.adapters.segment.checks import UNKNOWN
from integrations.adapters.testing import MemoryTokens, Unlimited
from integrations.sandbox.segment.credentials import SWITCHED_OFF_KEY
from tests.integrations.adapters.segment.case import CASE, sign_in
from tests.integrations.adapters.segment.conftest import SUCCESS, credentials


@pytest.fixture
def check(connect):
    """The lines of a test against the sandbox; a secret that is empty was not entered."""

    def run(**secrets):
        return connect(CASE, secrets=secrets).check()

    return run


def test_with_every_token_everything_is_known(check):
    found = check()
    assert [line.label for line in found.lines] == [
        "Reach Segment",
        "Write key",
        "Send",
        "List traits",
        "Look up people",
    ]
    assert found.ok and all(line.is_sure and not line.fix for line in found.lines)
    assert (found.account, found.facts["source"]) == ("Sandbox workspace", "Syncpanel") and found.account_id


def test_with_the_write_key_alone_nobody_knows_whether_it_is_right(check):
    found = check(public_token="", space_token="")
    assert [(line.label, line.ok, line.is_sure) for line in found.lines] == [
        ("Reach Segment", True, True),
        ("Write key", True, False),
        ("Send", True, True),
    ]
    assert found.ok and found.lines[1].fix == UNKNOWN


def test_a_wrong_key_cannot_be_told_from_a_good_one_without_a_token(check):
    assert check(public_token="", space_token="", write_key="wrong").ok


def test_with_a_token_a_wrong_key_is_found_out(check):
    line = check(write_key="wrong").lines[1]
    assert not line.ok and "No source" in line.fix and "wrong" not in line.fix


def test_a_source_that_is_switched_off_is_named(check):
    line = check(write_key=SWITCHED_OFF_KEY).lines[1]
    assert not line.ok and "Old app is switched off" in line.fix


def test_a_wrong_token_is_not_taken_for_a_wrong_key(check):
    line = check(public_token="wrong").lines[1]
    assert not line.ok and "Public API token" in line.fix


def test_a_wrong_token_for_profiles_fails_only_its_line(check):
    found = check(space_token="wrong")
    assert [line.ok for line in found.lines] == [True, True, True, True, False]
    assert "Profile API token" in found.lines[4].fix


def test_a_space_that_is_not_there_is_a_line(sandbox):
    known = sandbox.server.credentials()["segment"]
    adapter = ADAPTER(sign_in({**known, "space_id": "spa_other"}), MemoryTokens(), Unlimited())
    line = adapter.check().lines[3]
    adapter.close()
    assert (line.label, line.ok) == ("List traits", False) and "space" in line.fix


def test_nothing_is_sent_by_a_test(check, sandbox):
    check()
    summary = sandbox.ask("GET", "/segment/users/summary")
    assert (summary["writes"], summary["stored"], summary["lost"]) == (0, 0, 0)


@pytest.mark.parametrize("status", [400, 413])
def test_a_segment_that_minds_an_empty_call_lets_us_in_all_the_same(segment, status):
    one = segment(lambda request: httpx.Response(status if request.method == "POST" else 404, json={}))
    assert [line.ok for line in one.adapter.check().lines] == [True, True, True]


def test_one_that_does_not_let_us_in_is_a_line(segment):
    one = segment(lambda request: httpx.Response(401 if request.method == "POST" else 404, json={}))
    lines = one.adapter.check().lines
    assert [line.ok for line in lines] == [True, True, False] and "Sign in again." in lines[2].fix


def test_what_was_not_tried_is_not_said_to_be_unsure(segment):
    one = segment(SUCCESS, credentials(write_key=""))
    lines = one.adapter.check().lines
    assert "is missing" in lines[1].fix and lines[2].fix == NOT_TRIED and all(line.is_sure for line in lines)
