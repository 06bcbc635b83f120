"""What changed over there under a mapping, for pages."""

import pytest
from django.utils import timezone

from integrations.models import Connection, Mapping, MappingVersion, SchemaDrift
from integrations.queries.drifts import DriftRow, open_drifts
from tests.factories import make_connection, make_mapping

pytestmark = pytest.mark.django_db


def make_drift(connection: Connection, *mappings: Mapping, **values) -> SchemaDrift:
    values = {"object_name": "Lead", "field": "Region__c", "label": "Region", "kind": "removed"} | values
    pks = [mapping.pk for mapping in mappings]
    return SchemaDrift.objects.create(connection=connection, mappings=pks, found_at=timezone.now(), **values)


def told(rows: tuple[DriftRow, ...]) -> list[tuple[str, list[tuple[str, bool]]]]:
    return [(row.drift.field, [(mapping.name, mapping.reads) for mapping in row.mappings]) for row in rows]


def test_what_is_open_is_told_with_its_mappings_by_name_and_what_is_over_is_not():
    b, a = make_mapping(), make_mapping()
    Mapping.objects.filter(pk=a.pk).update(name="A")
    Mapping.objects.filter(pk=b.pk).update(name="B")
    connection = make_connection("salesforce")
    make_drift(connection, b, a)
    make_drift(connection, a, field="Title", resolved_at=timezone.now())
    row = open_drifts()[0]
    assert told((row,)) == [("Region__c", [("A", False), ("B", False)])]
    assert (row.object_label, row.many) == ("Leads", "leads")


def test_one_connection_or_one_mapping_can_be_asked_for():
    one, other = make_mapping(), make_mapping()
    here, there = make_connection("salesforce"), make_connection("salesforce")
    make_drift(here, one, field="a")
    make_drift(there, one, other, field="b")
    assert [row.drift.field for row in open_drifts()] == ["b", "a"], "newest first"
    assert [row.drift.field for row in open_drifts(connection=here.pk)] == ["a"]
    assert [row.drift.field for row in open_drifts(mapping=other.pk)] == ["b"]
    assert open_drifts(mapping=999) == ()


@pytest.mark.parametrize(
    ("platform", "object_name", "field", "reads"),
    [("hubspot", "contacts", "region", True), ("salesforce", "Lead", "Region__c", False)],
)
def test_whether_a_mapping_reads_or_writes_it_is_told_by_its_side(platform, object_name, field, reads):
    make_drift(make_connection(platform), make_mapping(), object_name=object_name, field=field)
    assert open_drifts()[0].mappings[0].reads is reads


@pytest.mark.parametrize(("field", "reads"), [("Region__c", True), ("Rating", False)])
def test_a_mapping_between_two_of_a_kind_reads_what_it_is_known_to_read(field, reads):
    mapping = make_mapping()
    version = MappingVersion.objects.create(mapping=mapping, number=2, code="", source_fields=["Region__c"])
    values = {"published": version, "source_platform": "salesforce", "source_object": "Lead"}
    Mapping.objects.filter(pk=mapping.pk).update(**values)
    make_drift(make_connection("salesforce"), mapping, field=field)
    assert open_drifts()[0].mappings[0].reads is reads


def test_a_mapping_or_an_object_that_is_gone_is_no_fault():
    make_drift(make_connection("salesforce"), object_name="Nonesuch")
    SchemaDrift.objects.update(mappings=[999])
    row = open_drifts()[0]
    assert (row.object_label, row.many, row.mappings) == ("Nonesuch", "records", ())


@pytest.mark.parametrize(("number", "queries"), [(0, 1), (1, 2), (30, 2)])
def test_it_costs_two_queries_however_many_there_are(django_assert_num_queries, number, queries):
    connection = make_connection("salesforce")
    for place in range(number):
        make_drift(connection, make_mapping(), field=f"f{place}")
    with django_assert_num_queries(queries):
        rows = open_drifts()
    assert len(rows) == number
    assert not rows or {"secrets", "token"} <= rows[0].drift.connection.get_deferred_fields()
