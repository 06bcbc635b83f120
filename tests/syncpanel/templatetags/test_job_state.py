"""A job's pill knows more than the status."""

import pytest

from integrations.enums import Stage, Status
from syncpanel.templatetags.job_state import job_pill
from tests.syncpanel.words.lives import job_of


@pytest.mark.parametrize(
    ("values", "word", "state"),
    [
        ({"status": Status.RUNNING}, "Running", "running"),
        ({"status": Status.RUNNING, "pause_requested": True}, "Pausing", "running"),
        ({"status": Status.RUNNING, "pause_requested": True, "cancel_requested": True}, "Cancelling", "running"),
        ({"status": Status.WAITING, "stage": Stage.APPROVING}, "Held for release", "warn"),
        ({"status": Status.PAUSED, "stage": Stage.APPROVING}, "Paused", "paused"),
        ({"status": Status.PARTIAL, "failures_open": 1_200}, "1,200 to fix", "warn"),
        ({"status": Status.PARTIAL, "failures_open": 0}, "Finished, some to fix", "warn"),
    ],
)
def test_a_pill_says_the_most_there_is_to_say(values, word, state):
    pill = job_pill(job_of(**values))
    assert f"<span>{word}</span>" in pill
    assert f"s-{state}" in pill
