"""Platforms are found by their folders, and each declares all that the rest of the system needs."""

import inspect

import pytest

from integrations.adapters.base import Adapter, BulkAdapter
from integrations.adapters.registry import adapter_class, capabilities, platforms
from integrations.enums import SyncMode


def test_the_platforms_are_the_folders():
    assert {"hubspot", "salesforce"} <= set(platforms()) and list(platforms()) == sorted(platforms())


@pytest.mark.parametrize("name", ["nonsense", "base", "http", "", "..", "hubspot.adapter"])
def test_what_is_not_a_platform_is_refused(name):
    with pytest.raises(KeyError):
        adapter_class(name)


@pytest.mark.parametrize("platform", platforms())
class TestDeclaration:
    def test_an_adapter_has_every_verb_with_the_names_of_the_protocol(self, platform):
        protocol = BulkAdapter if capabilities(platform).bulk_limits else Adapter
        for name, function in inspect.getmembers(protocol, inspect.isfunction):
            if not name.startswith("_"):
                ours = getattr(adapter_class(platform), name)
                assert list(inspect.signature(ours).parameters) == list(inspect.signature(function).parameters)

    def test_it_says_what_it_is_called_and_how_it_looks(self, platform):
        can = capabilities(platform)
        assert can.platform == platform and can.label and len(can.letter) == 1 and can.hue

    def test_every_object_has_a_name_a_noun_and_modes(self, platform):
        for one in capabilities(platform).objects:
            assert one.label and all(one.noun) and set(one.modes) <= set(SyncMode)
            assert bool(one.modes) or not one.can_write

    def test_every_way_to_sign_in_asks_for_a_secret_and_no_name_twice(self, platform):
        can = capabilities(platform)
        for method in can.sign_in_methods:
            names = [field.name for field in (*method.fields, *can.settings)]
            assert len(names) == len(set(names)) and any(field.is_secret for field in method.fields)

    def test_limits_are_given(self, platform):
        can = capabilities(platform)
        assert can.batch_limits.records > 0 and can.batch_limits.bytes >= 100_000 and can.concurrency >= 1
        assert (can.bulk_threshold is None) == (can.bulk_limits is None)
