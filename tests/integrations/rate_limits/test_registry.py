"""Policies say where each limit comes from, and a wrong one is refused in a sentence."""

import json

import pytest

from integrations.exceptions import ConfigurationError
from integrations.models import Connection
from integrations.rate_limits.allowances import account_owners, account_zone, allowances, next_midnight
from integrations.rate_limits.registry import POLICIES, policy, read_policy
from tests.factories import make_connection

PLATFORMS = sorted(path.stem for path in POLICIES.glob("*.json"))
GOOD = {
    "platform": "acme",
    "label": "Acme",
    "tiers": {"small": "Small"},
    "default_tier": "small",
    "limits": {
        "burst": {
            "label": "10-second limit",
            "window_seconds": 10,
            "resets": "rolling",
            "scope": "connection",
            "permits": {"small": 10},
            "source": "https://acme.example/limits",
            "checked": "2026-11",
        }
    },
    "groups": {"api": {"limits": ["burst"]}},
}


def changed(path: str, value: object) -> dict:
    """The good policy with one field changed (None removes it)."""
    policy = json.loads(json.dumps(GOOD))
    *way, last = path.split(".")
    place = policy
    for step in way:
        place = place[step]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return policy


@pytest.mark.parametrize("platform", PLATFORMS)
def test_every_limit_says_where_it_comes_from_and_when_it_was_checked(platform):
    found = policy(platform)
    for limit in (*found.limits.values(), *found.concurrency.values()):
        assert limit.source.startswith("https://")
        assert limit.checked >= "2026-11"


def test_the_platforms_we_know_have_policies_with_the_groups_their_adapters_name():
    assert {"hubspot", "salesforce"} <= {*PLATFORMS}
    assert {"crm", "search", "auth"} <= policy("hubspot").groups.keys()
    assert {"api", "bulk", "auth"} <= policy("salesforce").groups.keys()


def test_a_platform_without_a_policy_is_not_limited():
    assert policy("unheard_of") is None
    assert policy("../registry") is None


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("limits.burst.source", None, "limits.burst.source: Field required"),
        ("limits.burst.source", "my memory", "limits.burst.source"),
        ("limits.burst.checked", "last week", "limits.burst.checked"),
        ("limits.burst.window_seconds", 0, "limits.burst.window_seconds"),
        ("limits.burst.permits", {"small": -1}, "limits.burst.permits.small"),
        ("limits.burst.permits", {}, "limits.burst.permits must name every tier: small"),
        ("limits.burst.resets", "midnight", "limits.burst: a limit that resets at midnight"),
        ("limits.burst.headers", {"limit": "X-Max"}, "limits.burst.headers: give either limit and remaining"),
        ("limits.burst.colour", "red", "limits.burst.colour"),
        ("groups.api.limits", ["bust"], "groups.api names bust, which is not described"),
        ("default_tier", "large", "default_tier large is not in tiers"),
        ("tiers", {"small": "Small", "unlimited": "All"}, "tiers may not hold unlimited"),
        ("platform", "other", "is for other; the file's name must be the platform's"),
    ],
)
def test_a_wrong_policy_is_refused_with_its_file_and_field(tmp_path, path, value, words):
    file = tmp_path / "acme.json"
    file.write_text(json.dumps(changed(path, value)))
    with pytest.raises(ConfigurationError) as caught:
        read_policy(file)
    assert "acme.json" in caught.value.message
    assert words in caught.value.message
    assert caught.value.code == "rate_policy"


def test_a_file_that_is_no_json_is_refused_with_its_name(tmp_path):
    file = tmp_path / "acme.json"
    file.write_text("{")
    with pytest.raises(ConfigurationError, match=r"acme\.json is wrong"):
        read_policy(file)


def test_a_good_policy_is_read(tmp_path):
    file = tmp_path / "acme.json"
    file.write_text(json.dumps(GOOD))
    assert read_policy(file).limits["burst"].permits == {"small": 10}


@pytest.mark.parametrize(
    ("tier", "burst", "daily"),
    [("", 100, 250_000), ("pro", 190, 625_000), ("enterprise", 190, 1_000_000), ("oauth", 110, None)],
)
def test_the_tier_decides_and_may_lack_a_limit(db, tier, burst, daily):
    group = allowances(make_connection(tier=tier), policy("hubspot"))["crm"]
    found = {limit.name: limit.permits for limit in group.limits}
    assert found == {"burst": burst} | ({"daily": daily} if daily else {})


def test_an_unknown_tier_is_a_sentence_with_the_choices(db):
    with pytest.raises(ConfigurationError, match=r"“gold”, which HubSpot does not have\. Choose one of free, starter"):
        allowances(make_connection(tier="gold"), policy("hubspot"))


def test_an_unlimited_connection_has_no_limits(db):
    assert allowances(make_connection(tier="unlimited"), policy("hubspot")) == {}


def daily_owner(connection: Connection) -> int:
    owners = {limit.name: limit.owner_id for limit in allowances(connection, policy("hubspot"))["crm"].limits}
    assert owners["burst"] == connection.pk
    assert account_owners(Connection.objects.all())[connection.pk] == owners["daily"]
    return owners["daily"]


def test_connections_to_one_account_share_its_limits_but_not_their_own(db):
    first = make_connection(account="Acme", account_id="146")
    second = make_connection(account="Acme, read only", account_id="146")
    make_connection("salesforce", account="Acme", account_id="146")
    assert (daily_owner(first), daily_owner(second)) == (first.pk, first.pk)


@pytest.mark.parametrize("ids", [("146", "147"), ("146", ""), ("", "")], ids=["another", "one unknown", "both unknown"])
def test_accounts_that_are_only_called_the_same_share_nothing(db, ids):
    first, second = (make_connection(account="Acme", account_id=one) for one in ids)
    assert (daily_owner(first), daily_owner(second)) == (first.pk, second.pk)


@pytest.mark.parametrize(
    ("chosen", "check", "zone"),
    [
        ({}, {}, "UTC"),
        ({}, {"facts": {"time_zone": "Europe/Berlin"}}, "Europe/Berlin"),
        ({"time_zone": "Asia/Tokyo"}, {"facts": {"time_zone": "Europe/Berlin"}}, "Asia/Tokyo"),
        ({"time_zone": "Mars/Base"}, {}, "UTC"),
        ({"time_zone": "../../etc/passwd"}, {}, "UTC"),
    ],
)
def test_the_day_begins_in_the_accounts_time_zone(chosen, check, zone):
    assert account_zone(Connection(settings=chosen, last_check=check)) == zone


def test_a_day_that_changes_the_clocks_ends_at_its_own_midnight():
    berlin = "Europe/Berlin"
    noon = 1_792_926_000.0  # 2026-10-25 11:00 UTC, the day with 25 hours
    assert next_midnight(noon, berlin) == noon + 12 * 3600
    assert next_midnight(noon - 12 * 3600, berlin) == noon + 12 * 3600
