"""What the ends of a sync are called."""

from integrations.adapters.registry import capabilities
from integrations.queries.ends import name_object

SEEN = [{"name": "object:2-1", "label": "Subscriptions", "noun": ["subscription", "subscriptions"]}]


def test_an_object_of_the_account_is_called_as_the_account_calls_it() -> None:
    told = name_object(capabilities("hubspot"), "object:2-1", SEEN)
    assert told == ("Subscriptions", ("subscription", "subscriptions"))


def test_before_the_account_was_asked_it_is_called_as_its_kind() -> None:
    assert name_object(capabilities("hubspot"), "object:2-1") == ("Custom objects", ("record", "records"))


def test_an_object_there_is_not_has_its_own_name() -> None:
    assert name_object(capabilities("hubspot"), "nothing") == ("nothing", ("record", "records"))
