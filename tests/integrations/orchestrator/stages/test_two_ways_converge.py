"""Whatever is edited where and in which order: both sides end up equal, with the declared winner, or a person is asked.

The engine's own last look works here on the database's agreements and links; only the two platforms are plain memory.
"""

from itertools import count
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integrations.enums import FieldType, NotSent, PageStatus, Winner
from integrations.mappings.hashing import source_hash
from integrations.mappings.merging import ROUNDS
from integrations.models import Agreement, RecordLink, SourcePage
from integrations.models.blobs import pack
from integrations.models.bulk import forget_hashes, links_of, moment, upsert_links
from integrations.orchestrator.stages.agreeing import Agreements
from integrations.orchestrator.stages.deciding import Plan
from integrations.orchestrator.two_way import LEFT, RIGHT, leg_of
from integrations.types import FieldSchema, ObjectSchema, Result
from tests.factories import make_job, make_sync, make_two_way

pytestmark = pytest.mark.django_db
numbers = count(1)
FIELDS = ("city", "phone")
PAIRS = [{"left": name, "right": name.title(), "way": "both", "wins": ""} for name in FIELDS]
NAMES = {LEFT: FIELDS, RIGHT: tuple(name.title() for name in FIELDS)}
IDS = {LEFT: "7", RIGHT: "00Q7"}
PLAIN = {"max_examples": 30, "suppress_health_check": [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]}


class Platform:
    """One person on one side. `undoes`: a value that this side writes over whatever it is given."""

    def __init__(self, side: str) -> None:
        self.record = {"id": IDS[side], **dict.fromkeys(NAMES[side], "Bonn")}
        self.undoes: dict[str, str] = {}
        self.writes = 0

    def read_records(self, _name: str, ids: list[str], _fields: list[str]) -> list[dict[str, Any]]:
        return [dict(self.record) for one in ids if one == self.record["id"]]

    def write(self, values: dict[str, Any]) -> None:
        self.record |= values | {name: value for name, value in self.undoes.items() if name in values}
        self.writes += 1


class World:
    """Both sides, and both directions with the database behind them."""

    def __init__(self, wins: str) -> None:
        rightward = make_sync(name=f"Right {next(numbers)}")
        self.row = make_two_way(rightward, pairs=PAIRS, wins=wins)
        self.platforms = {LEFT: Platform(LEFT), RIGHT: Platform(RIGHT)}
        self.syncs = {LEFT: self.row.rightward, RIGHT: self.row.leftward}
        self.jobs = {side: make_job(sync) for side, sync in self.syncs.items()}
        self.held: dict[str, str] = {}
        self.settle()

    def edit(self, side: str, place: int, value: str) -> None:
        self.platforms[side].record[NAMES[side][place]] = value

    def value(self, side: str, place: int) -> str:
        return self.platforms[side].record[NAMES[side][place]]

    def run(self, side: str) -> bool:
        """One direction once, unless its record is as it was last sent; True when something was written."""
        other = RIGHT if side == LEFT else LEFT
        here, there, sync = dict(self.platforms[side].record), self.platforms[other], self.syncs[side]
        digest, link = source_hash(here), links_of(sync.pk, [here["id"]]).get(here["id"])
        if link is not None and link[0] == digest:
            return False
        mapped = dict(zip(NAMES[other], (here[name] for name in NAMES[side]), strict=True))
        work = self._work(side, there, here)
        plan = Plan([here["id"], digest.hex(), digest.hex(), mapped, 0, 0, 1], mapped, link=link)
        if link is None:
            plan.there = IDS[other]
        agreements = Agreements(work, work.two_way)
        agreements.take([plan])
        agreements.merge([plan])
        result = plan.result or Result(ok=True, id=plan.there)
        if plan.result is None:
            there.write(plan.record)
        agreements.keep([plan], [result], timezone.now())
        self._keep_link(side, plan, result, digest)
        return plan.result is None

    def _work(self, side: str, there: Platform, here: dict[str, Any]) -> Any:
        job, sync = self.jobs[side], self.syncs[side]
        page = {"count": 1, "records": pack([here]), "status": PageStatus.VALIDATED, "fetched_at": timezone.now()}
        SourcePage.objects.update_or_create(job=job, number=0, defaults=page)
        fields = tuple(FieldSchema(name, name, FieldType.STRING) for names in NAMES.values() for name in names)
        return SimpleNamespace(
            job=job,
            sync=sync,
            two_way=leg_of(sync),
            schema=ObjectSchema("x", "x", fields),
            destination=there,
            destination_can=SimpleNamespace(label="There"),
            modified_here="",
            modified_there="",
        )

    def _keep_link(self, side: str, plan: Plan, result: Result, digest: bytes) -> None:
        """As the trail does: who is held has no link yet, so that he is looked at again."""
        self.held.pop(side, None)
        if result.not_sent == NotSent.HELD:
            self.held[side] = result.code
        elif result.ok:
            ids = (self.syncs[side].pk, plan.source_id, plan.there)
            upsert_links([(*ids, digest, digest, 1, 1, self.jobs[side].pk, moment(timezone.now()))])

    def settle(self) -> None:
        for _ in range(8):
            if not (self.run(LEFT) | self.run(RIGHT)):
                return

    def decide(self, place: int, side: str) -> None:
        """As a person does, and both directions look anew."""
        name = f"{PAIRS[place]['left']} {PAIRS[place]['right']}"
        row = Agreement.objects.get(two_way=self.row)
        row.decisions = {**row.decisions, name: side}
        row.rounds = {}
        row.save()
        for one, sync in self.syncs.items():
            forget_hashes(sync.pk, [IDS[one]])

    @property
    def is_equal(self) -> bool:
        return all(self.value(LEFT, place) == self.value(RIGHT, place) for place in range(len(FIELDS)))

    @property
    def writes(self) -> int:
        return sum(platform.writes for platform in self.platforms.values())


SIDES = st.sampled_from([LEFT, RIGHT])
PLACES = st.integers(0, len(FIELDS) - 1)
VALUES = st.sampled_from(["Bonn", "Ghent", "Oslo", "Lyon"])
STEPS = st.lists(st.one_of(st.tuples(SIDES, PLACES, VALUES), st.tuples(st.just("run"), SIDES)), max_size=12)


def play(world: World, steps: list[Any]) -> None:
    for first, *rest in steps:
        if first == "run":
            world.run(rest[0])
        else:
            world.edit(first, *rest)
    world.settle()


@settings(**PLAIN)
@given(STEPS, st.sampled_from([Winner.LEFT, Winner.RIGHT]))
def test_any_interleaving_of_edits_on_both_sides_converges_and_then_rests(steps, wins) -> None:
    world = World(wins)
    play(world, steps)
    assert world.is_equal
    assert not world.held
    before = world.writes
    for sync in world.syncs.values():
        RecordLink.objects.filter(sync=sync.pk).update(source_hash=bytes(16))
    world.settle()
    assert world.writes == before, "an echo of our own is no change"


@settings(**PLAIN)
@given(VALUES, VALUES, st.sampled_from([Winner.LEFT, Winner.RIGHT]), st.permutations([LEFT, RIGHT]))
def test_when_both_changed_it_converges_to_the_declared_winner(on_left, on_right, wins, order) -> None:
    world = World(wins)
    world.edit(LEFT, 0, on_left)
    world.edit(RIGHT, 0, on_right)
    for side in order:
        world.run(side)
    world.settle()
    changed = [value for value in (on_left, on_right) if value != "Bonn"]
    winner = on_left if wins == Winner.LEFT else on_right
    expected = winner if winner in changed else (changed or ["Bonn"])[0]
    assert world.value(LEFT, 0) == world.value(RIGHT, 0) == expected


@settings(**PLAIN)
@given(STEPS, SIDES)
def test_who_is_asked_loses_nothing_and_what_he_decides_is_what_both_have(steps, right) -> None:
    world = World(Winner.ASK)
    play(world, steps)
    if not world.is_equal:
        assert set(world.held.values()) == {"conflict"}
    wanted = [world.value(right, place) for place in range(len(FIELDS))]
    for _ in FIELDS:
        for place in range(len(FIELDS)):
            if world.value(LEFT, place) != world.value(RIGHT, place):
                world.decide(place, right)
        world.settle()
    assert world.is_equal
    assert [world.value(LEFT, place) for place in range(len(FIELDS))] == wanted
    assert not world.held


@settings(**PLAIN)
@given(st.integers(ROUNDS, ROUNDS + 4))
def test_a_system_that_undoes_what_it_is_given_is_written_to_three_times_and_a_person_is_asked(tries) -> None:
    world = World(Winner.LEFT)
    world.platforms[RIGHT].undoes = {"City": "OSLO"}
    world.platforms[LEFT].undoes = {"city": "Ghent"}
    world.edit(LEFT, 0, "Ghent")
    for _ in range(tries):
        world.run(LEFT)
        world.run(RIGHT)
    world.settle()
    assert world.platforms[RIGHT].writes <= ROUNDS
    assert world.platforms[LEFT].writes <= ROUNDS
    assert "ping_pong" in world.held.values()
