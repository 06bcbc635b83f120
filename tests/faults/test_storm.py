"""Storms: kills and faults by seed, over a job from its first page to its last batch. `make storm` lets many rage.

    STORM=1 STORM_SEED=1234 pytest tests/faults/test_storm.py

repeats storm 1234: its plan is the same for ever, its moments are as near as two runs of the same processes can be.
"""

import os
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.sandbox.faults import parse_fault
from tests import databases
from tests.faults.blows import Blows
from tests.faults.sandboxes import Sandboxes
from tests.faults.stand import stand
from tests.faults.storm import Storm
from tests.faults.storm_plan import BLOWS, KINDS, Plan, plan_storm

FEW = 8
"""So many in `make test`: about a minute."""
FIRST = int(os.environ.get("STORM_SEED", "1"))
SEEDS = range(FIRST, FIRST + (int(os.environ.get("STORM", "0")) or FEW))


@pytest.fixture
def storm(seed: int, sandboxes: Sandboxes, django_db_blocker: Any, tmp_path: Path) -> Iterator[Storm]:
    """Ready to begin, on a database of its own."""
    plan = plan_storm(seed)
    with django_db_blocker.unblock():
        vendor = plan.vendor if databases.postgres_is_there() else "sqlite"
        url = databases.new_url(vendor)
        with (
            databases.used(url),
            stand(url, tmp_path / "stand", lender=sandboxes, contacts=plan.contacts) as built,
        ):
            yield Storm(plan, built)
        databases.drop(url)


@pytest.mark.parametrize("seed", SEEDS)
def test_whatever_a_storm_does_everybody_arrives_once(seed: int, storm: Storm) -> None:
    print(f"STORM=1 STORM_SEED={seed} pytest tests/faults/test_storm.py\n{storm.plan}")
    storm.rage()
    storm.calm_down()
    storm.prove()


@given(st.integers())
def test_the_plan_of_a_storm_depends_on_its_seed_alone(seed: int) -> None:
    random.seed()
    plan = plan_storm(seed)
    random.random()
    assert plan_storm(seed) == plan


@given(st.integers())
def test_every_storm_can_be_carried_out(seed: int) -> None:
    for blow in plan_storm(seed).blows:
        assert callable(getattr(Blows, blow.kind))
        if blow.fault:
            parse_fault(dict(blow.fault))


def test_a_hundred_storms_have_seen_everything() -> None:
    plans: list[Plan] = [plan_storm(seed) for seed in range(100)]
    blows = [blow for plan in plans for blow in plan.blows]
    assert {blow.kind for blow in blows} == set(BLOWS)
    assert {blow.fault["kind"] for blow in blows if blow.fault} == set(KINDS)
    assert len({str(plan.blows) for plan in plans}) == len(plans)
    for name in (
        "vendor",
        "contacts",
        "batch_size",
        "clusters",
        "method",
        "syncs",
        "is_bulk",
        "is_search",
        "is_limited",
    ):
        assert len({getattr(plan, name) for plan in plans}) > 1, name
