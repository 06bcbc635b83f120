"""People at the simulated platforms do things by themselves."""

import pytest

from integrations.sandbox.life import Life
from integrations.sandbox.settings import Settings
from integrations.sandbox.world import World

CONTACTS = 60


@pytest.fixture
def world() -> World:
    return World(Settings(contacts=CONTACTS, limits=False))


def contacts(world: World) -> list[dict[str, str]]:
    return world.platforms["hubspot"].list_records("contacts", 0, CONTACTS)[0]


def test_every_habit_finds_somebody_whatever_the_size_of_the_portal(world: World) -> None:
    life = Life(world)
    before = contacts(world)
    for _ in range(50):
        life.pass_time(60)
    assert contacts(world) != before
    assert len(world.platforms["segment"].list_records("users", 0, CONTACTS)[0]) > 10
    deals = world.platforms["hubspot"].list_records("deals", 0, 400)[0]
    assert sum(one["dealstage"] == "closedwon" for one in deals) > 65
    assert world.platforms["hubspot"].summarise("contacts")["writes"] == 0, "nobody wrote over the API"


def test_something_happens_only_after_its_time(world: World) -> None:
    life = Life(world)
    before = contacts(world)
    life.pass_time(0)
    assert contacts(world) == before


def test_members_and_accounts_change_too(world: World) -> None:
    world.settings.contacts = 10
    life = Life(world)
    members = world.platforms["mailchimp"]
    name = next(habit.object_name for platform, habit in life.habits if platform == "mailchimp")
    before = members.list_records(name, 0, CONTACTS)[0]
    accounts = world.platforms["salesforce"].list_records("Account", 0, 2_000)[0]
    for _ in range(60):
        life.pass_time(60)
    assert members.list_records(name, 0, CONTACTS)[0] != before
    assert world.platforms["salesforce"].list_records("Account", 0, 2_000)[0] != accounts
