"""The demo's mappings pass the checks against what the platforms have, and say in words what they do."""

from typing import Any

import pytest

from integrations.demo.examples import EXAMPLES
from integrations.mappings.review import review_code
from integrations.models import Connection, Mapping, Sync
from integrations.orchestrator.connections import open_adapter


def schema(connection: Connection | None, name: str) -> Any:
    assert connection is not None
    with open_adapter(connection) as adapter:
        return adapter.describe(name)


@pytest.mark.usefixtures("demo_syncs")
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_a_mapping_passes_the_checks_and_its_rules_are_about_what_it_writes(example: Any) -> None:
    mapping = Mapping.objects.get(name=example.name)
    sync = Sync.objects.get(mapping=mapping)
    source = schema(mapping.source_connection, mapping.source_object)
    destination = schema(mapping.destination_connection, mapping.destination_object)
    review = review_code(example.code, source, destination, key=sync.destination_key, mode=sync.write_mode)
    assert review.findings == ()
    assert {field for field, _, _ in example.rules} <= review.fields_written
    assert review.reads_all_told
