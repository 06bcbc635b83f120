"""When a child counts as hung. Time is passed in."""

from functools import partial

import pytest

from integrations.supervisor.watch import FIRST_SIGN_WITHIN, Signs, Watch

PATIENCE = 45.0


def hung_after(*answers: tuple[float, bool | None]) -> bool:
    """Is it hung after these answers at these seconds?"""
    signs = Signs()
    for at, answer in answers:
        signs.take_in(answer, at)
    return signs.is_hung(PATIENCE, answers[-1][0])


@pytest.mark.parametrize(
    ("answers", "hung"),
    [
        ([(1, True), (10, False), (50, False)], False),
        ([(1, True), (10, False), (56, False)], True),
        ([(1, True), (10, False), (50, True), (56, False)], False),
        ([(1, True), (10, False), (50, None), (56, False)], False),
        ([(1, False), (50, False)], False),
        ([(1, False), (1 + FIRST_SIGN_WITHIN + 1, False)], True),
        ([(1, None), (500, None)], False),
    ],
    ids=[
        "silent for a while",
        "silent for too long",
        "a sign between",
        "the database was away between",
        "still starting",
        "never started",
        "nobody can know",
    ],
)
def test_a_child_is_hung_when_it_was_silent_for_too_long(answers: list[tuple[float, bool | None]], hung: bool) -> None:
    assert hung_after(*answers) is hung


def test_between_two_rounds_only_who_has_not_answered_is_asked_again() -> None:
    asked: list[str] = []
    answers = {"web": True, "beat": False}

    def probe(name: str) -> bool:
        asked.append(name)
        return answers[name]

    watch = Watch({name: partial(probe, name) for name in answers}, PATIENCE)
    watch.look_round()
    watch.look_at_new()
    answers["beat"] = True
    watch.look_at_new()
    watch.look_at_new()
    assert asked == ["web", "beat", "beat", "beat"]
    watch.started("web")
    watch.look_at_new()
    assert asked[4:] == ["web"], "a new process of that name"
