"""Fields that changed under a published mapping: one open row each, resolved when it is over, each step an event."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from integrations.enums import DriftKind, FieldType, Kind, SyncMode
from integrations.models import Event, Mapping, MappingVersion, SchemaDrift, Sync
from integrations.orchestrator.drift import places_in_use, uses_of
from integrations.orchestrator.publishing import restore_version
from integrations.orchestrator.schemas import keep, known
from integrations.types import FieldSchema, ObjectSchema
from tests.factories import make_connection, make_mapping, make_sync

pytestmark = pytest.mark.django_db
WRITES = 'def map_record(record):\n    return {"LastName": record.get("lastname"), "Region__c": record.get("region")}\n'
WRITES_NO_REGION = 'def map_record(record):\n    return {"LastName": record.get("lastname")}\n'
LAST_NAME = FieldSchema("LastName", "Last Name", FieldType.STRING, required=True)
REGION = FieldSchema("Region__c", "Region", FieldType.STRING)
COMPANY = FieldSchema("Company", "Company", FieldType.STRING)


def lead(*fields: FieldSchema) -> ObjectSchema:
    return ObjectSchema("Lead", "Lead", fields)


WHOLE = lead(LAST_NAME, REGION, COMPANY)
WITHOUT_REGION = lead(LAST_NAME, COMPANY)


@pytest.fixture
def sync(db) -> Sync:
    """It reads lastname and region, and writes LastName and Region__c."""
    mapping = make_mapping(WRITES)
    mapping.published = add_version(mapping, WRITES, ["lastname", "region"])
    mapping.save()
    sync = make_sync(mapping=mapping, destination_key="LastName")
    keep(sync.destination, WHOLE)
    return sync


def add_version(mapping: Mapping, code: str, reads: list[str]) -> MappingVersion:
    number = mapping.versions.count() + 1
    return MappingVersion.objects.create(mapping=mapping, number=number, code=code, source_fields=reads)


def rows(**which: Any) -> list[tuple[str, str, str, list[int]]]:
    """What is open, or what `which` says."""
    found = SchemaDrift.objects.filter(**(which or {"resolved_at__isnull": True})).order_by("pk")
    return [(row.field, row.kind, row.label, row.mappings) for row in found]


def events() -> list[str]:
    kinds = [Kind.CONNECTION_DRIFT_FOUND, Kind.CONNECTION_DRIFT_RESOLVED]
    return [event.kind.rpartition("_")[2] for event in Event.objects.filter(kind__in=kinds).order_by("pk")]


def test_a_field_that_is_gone_is_one_open_row_however_often_it_is_seen(sync):
    assert rows() == []
    for _ in range(3):
        keep(sync.destination, WITHOUT_REGION)
    assert rows() == [("Region__c", DriftKind.REMOVED, "Region", [sync.mapping_id])]
    event = Event.objects.get(kind=Kind.CONNECTION_DRIFT_FOUND)
    assert event.stream == sync.destination.stream
    assert event.data == {
        "object": "Lead",
        "field": "Region__c",
        "label": "Region",
        "change": "removed",
        "mappings": [sync.mapping_id],
    }


def test_it_is_resolved_when_the_field_is_back_and_opens_anew_when_it_goes_again(sync):
    keep(sync.destination, WITHOUT_REGION)
    keep(sync.destination, WHOLE)
    assert rows() == []
    assert SchemaDrift.objects.get().resolved_at is not None
    keep(sync.destination, WITHOUT_REGION)
    assert len(rows()) == 1
    assert events() == ["found", "resolved", "found"]


def test_a_field_of_the_source_counts_where_it_is_read(sync):
    fields = tuple(FieldSchema(name, name.title(), FieldType.STRING) for name in ("lastname", "region", "phone"))
    keep(sync.source, ObjectSchema("contacts", "Contacts", fields))
    keep(sync.source, ObjectSchema("contacts", "Contacts", fields[:1]))
    assert rows() == [("region", DriftKind.REMOVED, "Region", [sync.mapping_id])]


def test_what_a_condition_looks_at_counts_as_read(sync):
    Sync.objects.update(conditions=[{"field": "phone", "operator": "is_filled", "value": ""}])
    keep(sync.source, ObjectSchema("contacts", "Contacts", (FieldSchema("lastname", "x", FieldType.STRING),)))
    assert {row[0] for row in rows()} == {"region", "phone"}


def test_publishing_a_version_that_does_without_resolves_it_at_once_and_going_back_opens_it(sync):
    keep(sync.destination, WITHOUT_REGION)
    version = add_version(sync.mapping, WRITES_NO_REGION, ["lastname"])
    restore_version(sync.mapping_id, version.number, actor="dana")
    assert rows() == []
    restore_version(sync.mapping_id, version.number - 1, actor="dana")
    assert [row[:2] for row in rows()] == [("Region__c", DriftKind.REMOVED)], (
        "what went back does not fit what is there now"
    )


def test_another_kind_of_field_is_told_until_somebody_publishes_knowing_it(sync):
    keep(sync.destination, lead(LAST_NAME, replace(REGION, type=FieldType.NUMBER), COMPANY))
    row = SchemaDrift.objects.get()
    assert (row.kind, row.detail) == (DriftKind.TYPE, "was text, is a number now")
    keep(sync.destination, lead(LAST_NAME, replace(REGION, type=FieldType.NUMBER), COMPANY))
    assert len(rows()) == 1, "the fields it is compared with are those from before it changed"
    SchemaDrift.objects.update(found_at=timezone.now() - timedelta(seconds=1))
    version = add_version(sync.mapping, WRITES, ["lastname", "region"])
    restore_version(sync.mapping_id, version.number, actor="dana")
    assert rows() == []


def test_another_kind_of_field_is_over_when_it_is_as_it_was(sync):
    keep(sync.destination, lead(LAST_NAME, replace(REGION, type=FieldType.NUMBER), COMPANY))
    keep(sync.destination, WHOLE)
    assert rows() == []


@pytest.mark.parametrize(("mode", "touched"), [(SyncMode.UPSERT, True), (SyncMode.UPDATE, False)])
def test_a_field_that_must_be_filled_now_touches_only_who_adds(sync, mode, touched):
    Sync.objects.update(write_mode=mode)
    keep(sync.destination, lead(LAST_NAME, REGION, replace(COMPANY, required=True)))
    assert bool(rows()) is touched
    keep(sync.destination, lead(LAST_NAME, REGION, replace(COMPANY, required=True)))
    assert bool(rows()) is touched


def test_what_was_always_required_is_no_news(db):
    mapping = make_mapping(WRITES)
    sync = make_sync(mapping=mapping, destination_key="LastName")
    keep(sync.destination, lead(LAST_NAME, REGION, replace(COMPANY, required=True)))
    assert rows() == []


def test_all_mappings_it_touches_are_told_together_and_kept_up_to_date(sync):
    other = make_sync(mapping=make_mapping(WRITES), destination=sync.destination, destination_key="LastName")
    keep(sync.destination, WITHOUT_REGION)
    assert rows()[0][3] == sorted([sync.mapping_id, other.mapping_id])
    Sync.objects.filter(pk=other.pk).update(is_enabled=False)
    keep(sync.destination, WITHOUT_REGION)
    assert rows()[0][3] == [sync.mapping_id]


def test_what_nobody_uses_any_more_is_resolved(sync):
    keep(sync.destination, WITHOUT_REGION)
    Sync.objects.update(is_enabled=False)
    keep(sync.destination, WITHOUT_REGION)
    assert rows() == []


def test_another_connection_is_another_matter(sync):
    elsewhere = make_connection("salesforce")
    keep(elsewhere, WHOLE)
    keep(elsewhere, WITHOUT_REGION)
    keep(sync.destination, ObjectSchema("Contact", "Contact", (LAST_NAME,)))
    assert rows() == []


def test_a_mapping_that_no_sync_uses_counts_at_its_own_connections(sync):
    Sync.objects.update(is_enabled=False)
    Mapping.objects.update(destination_connection=sync.destination)
    keep(sync.destination, WITHOUT_REGION)
    assert [row[0] for row in rows()] == ["Region__c"]
    assert (sync.destination_id, "Lead") in places_in_use()
    assert (sync.source_id, "contacts") not in places_in_use()


def test_a_mapping_with_an_object_its_platform_does_not_have_is_no_fault(sync):
    Sync.objects.update(is_enabled=False)
    Mapping.objects.update(destination_connection=sync.destination, destination_object="Nonesuch")
    assert [use.keys for use in uses_of(sync.destination_id, "Nonesuch")] == [frozenset()]


def test_fields_and_drift_are_stored_together_or_not_at_all(sync):
    class Killed(BaseException):
        pass

    with pytest.raises(Killed), transaction.atomic():
        keep(sync.destination, WITHOUT_REGION)
        raise Killed
    assert (rows(), known(sync.destination, "Lead")) == ([], WHOLE)


def test_comparing_costs_the_same_for_one_mapping_and_for_thirty(sync, django_assert_max_num_queries):
    def count() -> int:
        with django_assert_max_num_queries(20) as counted:
            keep(sync.destination, WITHOUT_REGION)
        return len(counted)

    count()
    before = count()
    for _ in range(30):
        make_sync(mapping=make_mapping(WRITES_NO_REGION), destination=sync.destination, destination_key="LastName")
    assert count() == before


def test_very_long_names_are_cut_and_still_one_row(sync):
    name = "r" * 150
    code = f'def map_record(record):\n    return {{"LastName": "x", "{name}": 1}}\n'
    version = add_version(sync.mapping, code, [])
    restore_version(sync.mapping_id, version.number, actor="dana")
    for _ in range(2):
        keep(sync.destination, WHOLE)
    assert [row[0] for row in rows()] == [name[:120]]
