"""What webhooks call a record, kept to tell who was meant once the record is gone."""

import pytest

from integrations.models import RecordName
from integrations.orchestrator.names import AT_ONCE, forget_names, ids_of, note_names

pytestmark = pytest.mark.django_db
SYNC, OTHER = 7, 8


def note(sync: int, **names: str) -> None:
    note_names(sync, "hash", [{"id": source_id, "hash": name} for source_id, name in names.items()])


def test_a_name_leads_to_the_record_it_was_read_of() -> None:
    note(SYNC, ann="a", bob="b")
    note(OTHER, eve="a")
    assert ids_of(SYNC, ["a", "c"]) == {"a": "ann"}


def test_a_record_has_the_name_of_the_newest_reading() -> None:
    note(SYNC, ann="a", bob="b")
    note(SYNC, ann="new")
    assert ids_of(SYNC, ["a", "b", "new"]) == {"b": "bob", "new": "ann"}


def test_a_name_may_pass_to_somebody_else_and_two_may_change_theirs() -> None:
    note(SYNC, ann="a", bob="b")
    note(SYNC, cid="a")
    assert ids_of(SYNC, ["a", "b"]) == {"a": "cid", "b": "bob"}
    note(SYNC, cid="b", bob="a")
    assert ids_of(SYNC, ["a", "b"]) == {"a": "bob", "b": "cid"}
    assert RecordName.objects.count() == 2


def test_who_has_no_name_is_passed_over() -> None:
    note_names(SYNC, "hash", [{"id": "ann"}, {"id": "bob", "hash": None}, {"id": "cid", "hash": ""}])
    note_names(SYNC, "hash", [])
    assert not RecordName.objects.exists()


def test_many_are_noted_found_and_forgotten() -> None:
    many = {f"person {number}": f"name {number}" for number in range(2 * AT_ONCE + 1)}
    note(SYNC, **many)
    note(OTHER, ann="a")
    assert ids_of(SYNC, many.values()) == {name: source_id for source_id, name in many.items()}
    forget_names(SYNC, iter(many))
    assert list(RecordName.objects.values_list("sync", "source_id")) == [(OTHER, "ann")]
