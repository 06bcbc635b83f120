"""Two records are kept equal: whatever is changed where and when, both sides end with the same, and with the declared winner."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.mappings.merging import ROUNDS, Agreed, Flow, Pair, Wins, is_same, merge


def pair(flow: Flow = Flow.BOTH, wins: Wins = Wins.ASK, name: str = "phone") -> Pair:
    return Pair(f"{name} {name.title()}", name, name.title(), flow, wins)


def once(one: Pair, here: Any, there: Any, agreed: Agreed | None = None, mapped: Any = ..., **more: Any):
    mapped = here if mapped is ... else mapped
    known = {one.name: agreed} if agreed else {}
    return merge(
        [one],
        {one.here: here},
        {one.there: there},
        {one.there: mapped},
        known,
        more.get("rounds", {}),
        more.get("decided", {}),
    )


A = Agreed("a", "a")
ROWS = [
    # flow, wins, agreed, here, there → what is sent, conflict?
    (Flow.BOTH, Wins.ASK, A, "a", "a", {}, False),
    (Flow.BOTH, Wins.ASK, A, "b", "a", {"Phone": "b"}, False),
    (Flow.BOTH, Wins.ASK, A, "a", "b", {}, False),
    (Flow.BOTH, Wins.ASK, A, "b", "b", {}, False),
    (Flow.BOTH, Wins.ASK, A, "b", "c", {}, True),
    (Flow.BOTH, Wins.HERE, A, "b", "c", {"Phone": "b"}, False),
    (Flow.BOTH, Wins.THERE, A, "b", "c", {}, False),
    (Flow.BOTH, Wins.HERE, A, "", "a", {"Phone": ""}, False),
    (Flow.BOTH, Wins.ASK, None, "b", "", {"Phone": "b"}, False),
    (Flow.BOTH, Wins.ASK, None, "", "b", {}, False),
    (Flow.BOTH, Wins.ASK, None, "b", "c", {}, True),
    (Flow.BOTH, Wins.HERE, None, "b", "c", {"Phone": "b"}, False),
    (Flow.BOTH, Wins.ASK, None, "b", "b", {}, False),
    (Flow.OUT, Wins.ASK, A, "b", "c", {"Phone": "b"}, False),
    (Flow.OUT, Wins.ASK, A, "a", "c", {"Phone": "a"}, False),
    (Flow.IN, Wins.HERE, A, "b", "c", {}, False),
]


@pytest.mark.parametrize(("flow", "wins", "agreed", "here", "there", "sent", "asks"), ROWS)
def test_what_is_sent_follows_from_who_changed_what(flow, wins, agreed, here, there, sent, asks) -> None:
    found = once(pair(flow, wins), here, there, agreed)
    assert (found.send, bool(found.conflicts)) == (sent, asks)


def test_a_mapped_field_of_no_pair_goes_out_when_it_differs() -> None:
    found = merge([], {}, {"Source": "x", "Owner": "1"}, {"Source": "y", "Owner": 1}, {}, {}, {})
    assert found.send == {"Source": "y"}


def test_a_persons_decision_counts_before_the_rule() -> None:
    one = pair(wins=Wins.ASK)
    assert once(one, "b", "c", A, decided={one.name: Wins.HERE}).send == {"Phone": "b"}
    for there in ("c", "a"):
        kept = once(one, "b", there, A, decided={one.name: Wins.THERE})
        assert (kept.send, kept.conflicts) == ({}, [])


def test_what_the_other_side_tidied_is_no_change() -> None:
    sent = Agreed("Ann@X.org", "Ann@X.org", sent_there=True)
    found = once(pair(), "Ann@X.org", "ann@x.org ", sent)
    assert found.send == {} and found.agreed[pair().name] == Agreed("Ann@X.org", "ann@x.org ")


@pytest.mark.parametrize("side", ["left", "right"])
def test_what_the_other_side_tidied_does_not_come_back(side) -> None:
    world = World("left", 1, tidy=lambda value: str(value).strip().lower())
    world.left["f0"] = "Ann "
    world.run("left")
    for one in (side, "left", "right"):
        world.run(one)
    assert (world.left["f0"], world.right["F0"], world.sent) == ("Ann ", "ann", 1)


def test_a_change_of_case_by_a_person_is_a_change() -> None:
    assert once(pair(), "Ann", "ann", Agreed("ann", "ann")).send == {"Phone": "Ann"}


def test_a_conflict_shows_both_values() -> None:
    (conflict,) = once(pair(), "b", "c", A).conflicts
    assert (conflict.here, conflict.there, conflict.is_endless) == ("b", "c", False)


def test_two_systems_that_correct_each_other_are_stopped_after_three_rounds() -> None:
    rounds: dict[str, list[Any]] = {}
    for number in range(ROUNDS):
        found = once(
            pair(), f"0{number}", f"x{number - 1}", Agreed("?", f"x{number - 1}"), mapped="+49 30", rounds=rounds
        )
        assert found.send == {"Phone": "+49 30"}
        rounds = found.rounds
    found = once(pair(), "03", "x2", Agreed("?", "x2"), mapped="+49 30", rounds=rounds)
    assert found.send == {} and found.conflicts[0].is_endless


def test_somebody_who_changes_his_mind_is_no_endless_round() -> None:
    rounds: dict[str, list[Any]] = {}
    for value in ["a", "b"] * 5:
        found = once(pair(), value, "x", Agreed("?", "x"), rounds=rounds)
        assert found.send == {"Phone": value}
        rounds = found.rounds


@pytest.mark.parametrize(
    ("one", "other"), [(None, ""), (5, "5"), (5.0, "5"), (True, "true"), (" a", "a "), (["a", "b"], "a;b")]
)
def test_platforms_write_the_same_value_differently(one, other) -> None:
    assert is_same(one, other)


# ---------------------------------------------------------------------------------------------- convergence


class World:
    """Two systems with one person, and the two directions of a sync between them, each with its own look-back of what changed.

    `tidy` is what the right system makes of a value it is given.
    """

    def __init__(self, wins: str, fields: int, tidy=lambda value: value) -> None:
        self.left = {f"f{n}": "" for n in range(fields)}
        self.right = {f"F{n}": "" for n in range(fields)}
        self.wins, self.tidy = wins, tidy
        self.agreed: dict[str, Agreed] = {}
        self.rounds: dict[str, dict[str, list[Any]]] = {"left": {}, "right": {}}
        self.conflicts: set[str] = set()
        self.sent = 0

    def pairs(self, side: str) -> list[Pair]:
        wins = {"ask": Wins.ASK, side: Wins.HERE}.get(self.wins, Wins.THERE)
        names = [(f"f{n}", f"F{n}") for n in range(len(self.left))]
        return [
            Pair(f"{left} {right}", *((left, right) if side == "left" else (right, left)), Flow.BOTH, wins)
            for left, right in names
        ]

    def run(self, side: str) -> bool:
        """One direction once; True when it wrote something."""
        here, there = (self.left, self.right) if side == "left" else (self.right, self.left)
        mapped = {one.there: here[one.here] for one in self.pairs(side)}
        agreed = {name: one if side == "left" else one.turned() for name, one in self.agreed.items()}
        found = merge(self.pairs(side), here, there, mapped, agreed, self.rounds[side], {})
        for name, value in found.send.items():
            there[name] = self.tidy(value) if side == "left" else value
        self.rounds[side] = found.rounds
        self.agreed = {name: one if side == "left" else one.turned() for name, one in found.agreed.items()}
        self.conflicts = {conflict.pair.name for conflict in found.conflicts}
        self.sent += len(found.send)
        return bool(found.send)

    def settle(self) -> None:
        for _ in range(6):
            if not (self.run("left") | self.run("right")):
                return


def are_equal(one: Any, other: Any) -> bool:
    """Up to what a system may tidy: a value that was just sent and differs in case or spaces only counts as tidied."""
    return str(one).strip().casefold() == str(other).strip().casefold()


VALUES = st.sampled_from(["", "a", "b", "c", "Ann", "ann "])
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("left"), st.integers(0, 2), VALUES),
        st.tuples(st.just("right"), st.integers(0, 2), VALUES),
        st.sampled_from([("run", "left"), ("run", "right")]),
    ),
    max_size=30,
)


def play(world: World, steps: list[Any]) -> None:
    for step in steps:
        if step[0] == "run":
            world.run(step[1])
        elif step[0] == "left":
            world.left[f"f{step[1]}"] = step[2]
        else:
            world.right[f"F{step[1]}"] = step[2]
    world.settle()


@settings(max_examples=400)
@given(STEPS, st.sampled_from(["left", "right"]))
def test_any_interleaving_of_edits_converges(steps, wins) -> None:
    world = World(wins, 3)
    play(world, steps)
    assert all(are_equal(world.left[f"f{n}"], world.right[f"F{n}"]) for n in range(3))
    assert not world.run("left") and not world.run("right")


@settings(max_examples=200)
@given(st.tuples(VALUES, VALUES, VALUES), st.sampled_from(["left", "right"]), st.permutations(["left", "right"]))
def test_edits_on_both_sides_converge_to_the_declared_winner(values, wins, order) -> None:
    first, on_left, on_right = values
    world = World(wins, 1)
    world.left["f0"] = first
    world.settle()
    before = world.left["f0"]
    world.left["f0"], world.right["F0"] = on_left, on_right
    for side in order:
        world.run(side)
    world.settle()
    changed_left, changed_right = not is_same(on_left, before), not is_same(on_right, before)
    expected = on_left if changed_left and (wins == "left" or not changed_right) else on_right
    assert are_equal(world.left["f0"], expected) and are_equal(world.right["F0"], expected)


@settings(max_examples=200)
@given(STEPS)
def test_who_is_asked_loses_nothing_of_either_side(steps) -> None:
    world = World("ask", 3)
    play(world, steps)
    for n in range(3):
        left, right = world.left[f"f{n}"], world.right[f"F{n}"]
        assert are_equal(left, right) or f"f{n} F{n}" in world.conflicts


@settings(max_examples=200)
@given(STEPS, st.sampled_from(["left", "right"]))
def test_a_system_that_tidies_values_does_not_set_off_endless_rounds(steps, wins) -> None:
    world = World(wins, 3, tidy=lambda value: str(value).strip().lower())
    play(world, steps)
    before = world.sent
    for _ in range(10):
        world.run("left")
        world.run("right")
    assert world.sent - before <= 3 * ROUNDS
