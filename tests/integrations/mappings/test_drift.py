"""What of a change of fields touches a mapping, and when it is over. Pure."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.enums import DriftKind, FieldType
from integrations.mappings.drift import Drift, Known, find_drifts
from integrations.mappings.field_uses import FieldUse, Written
from integrations.types import FieldSchema, ObjectSchema

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
BEFORE, AFTER = NOON - timedelta(days=1), NOON + timedelta(days=1)
REGION = FieldSchema("Region__c", "Region", FieldType.STRING)
RATING = FieldSchema(
    "Rating",
    "Rating",
    FieldType.CHOICE,
    choices=("hot", "warm", "cold", "none"),
    choice_labels=("Hot", "Warm", "Cold", "None"),
)
COMPANY = FieldSchema("Company", "Company", FieldType.STRING)
LEAD = ObjectSchema("Lead", "Lead", (REGION, RATING, COMPANY))


def reader(*names: str, mapping: int = 1, at: datetime = BEFORE) -> FieldUse:
    return FieldUse(mapping, at, reads=frozenset(names))


def writer(*names: str, mapping: int = 1, at: datetime = BEFORE, complete: bool = True, **more) -> FieldUse:
    values = more.pop("values", {})
    return FieldUse(mapping, at, written=Written(frozenset(names), values, complete), **{"adds": True} | more)


def changed(*fields: FieldSchema, without: tuple[str, ...] = ()) -> ObjectSchema:
    """LEAD with these fields instead of, or besides, its own."""
    named = {field.name: field for field in (*LEAD.fields, *fields)}
    return ObjectSchema("Lead", "Lead", tuple(field for name, field in named.items() if name not in without))


def told(uses, schema, old=LEAD, **open_since) -> list[tuple[str, DriftKind, tuple[int, ...], str]]:
    """Everything found, `open_since` = {kind: since} of what is open already and was as in LEAD."""
    return [(d.field, d.kind, d.mappings, d.detail) for d in found(uses, schema, old, open_since)]


def found(uses, schema, old=LEAD, open_since=None) -> list[Drift]:
    def recall(name, kind):
        return Known(old.field(name) if old else None, (open_since or {}).get(kind))

    return find_drifts(uses, schema, recall)


@pytest.mark.parametrize(
    ("use", "is_touched"),
    [
        (reader("Region__c"), True),
        (writer("Region__c"), True),
        (reader("Rating"), False),
        (writer("Rating"), False),
    ],
    ids=["reads", "writes", "reads others", "writes others"],
)
def test_a_field_that_is_gone_touches_who_reads_or_writes_it(use, is_touched):
    drifts = found([use], changed(without=("Region__c",)))
    assert [(d.field, d.label, d.kind) for d in drifts] == [("Region__c", "Region", DriftKind.REMOVED)] * is_touched


def test_where_fields_need_not_be_listed_none_is_missed():
    free = replace(changed(without=("Region__c",)), extra_fields=True)
    assert found([reader("Region__c"), writer("Heat__c")], free) == []


def test_a_field_nobody_ever_saw_is_told_by_its_name():
    drift = found([writer("Heat__c")], LEAD)[0]
    assert (drift.kind, drift.label, drift.before) == (DriftKind.REMOVED, "Heat__c", None)


@pytest.mark.parametrize("name", ["id", "Account.Name"])
def test_the_id_and_parts_of_other_objects_are_never_missed_where_they_are_read(name):
    assert told([reader(name)], LEAD) == []


def test_a_lookup_that_is_written_is_a_field_of_its_own():
    assert [one[:2] for one in told([writer("Account__r.Key__c")], LEAD)] == [("Account__r.Key__c", DriftKind.REMOVED)]


def test_what_cannot_be_written_any_more_touches_who_writes_it_but_for_the_key():
    locked = changed(replace(REGION, writable=False))
    uses = [
        writer("Region__c"),
        reader("Region__c", mapping=2),
        writer("Region__c", mapping=3, keys=frozenset({"Region__c"})),
    ]
    assert told(uses, locked) == [("Region__c", DriftKind.READ_ONLY, (1,), "")]


@pytest.mark.parametrize(
    ("old", "new", "reading", "writing"),
    [
        (FieldType.STRING, FieldType.TEXT, False, False),
        (FieldType.STRING, FieldType.PHONE, False, False),
        (FieldType.STRING, FieldType.EMAIL, False, True),
        (FieldType.EMAIL, FieldType.STRING, False, False),
        (FieldType.STRING, FieldType.CHOICE, False, True),
        (FieldType.CHOICE, FieldType.STRING, False, False),
        (FieldType.STRING, FieldType.NUMBER, True, True),
        (FieldType.NUMBER, FieldType.STRING, True, True),
        (FieldType.INTEGER, FieldType.NUMBER, False, False),
        (FieldType.NUMBER, FieldType.INTEGER, False, True),
        (FieldType.DATE, FieldType.DATETIME, True, True),
        (FieldType.CHOICE, FieldType.MULTI_CHOICE, True, True),
        (FieldType.BOOLEAN, FieldType.STRING, True, True),
    ],
)
def test_another_kind_of_field_touches_who_gets_other_values_or_may_send_fewer(old, new, reading, writing):
    before = ObjectSchema("Lead", "Lead", (replace(REGION, type=old),))
    after = ObjectSchema("Lead", "Lead", (replace(REGION, type=new),))
    assert bool(told([reader("Region__c")], after, before)) is reading
    assert bool(told([writer("Region__c")], after, before)) is writing


def test_another_kind_is_told_from_what_to_what():
    assert told([writer("Region__c")], changed(replace(REGION, type=FieldType.INTEGER))) == [
        ("Region__c", DriftKind.TYPE, (1,), "was text, is a whole number now")
    ]


@pytest.mark.parametrize(
    ("use", "detail"),
    [
        (writer("Rating"), "“Hot”, “Warm”, “Cold” and 1 more"),
        (writer("Rating", values={"Rating": frozenset({"hot", "lukewarm"})}), "“Hot”"),
        (writer("Rating", values={"Rating": frozenset({"new"})}), None),
        (reader("Rating"), None),
    ],
    ids=["any", "one by name", "another by name", "only reads"],
)
def test_choices_that_are_gone_touch_who_may_write_them(use, detail):
    fewer = changed(replace(RATING, choices=("new",), choice_labels=("New",)))
    expected = [("Rating", DriftKind.CHOICES, (1,), detail)] if detail else []
    assert told([use], fewer) == expected


@pytest.mark.parametrize("change", [{"restricted": False}, {"choices": ()}], ids=["any value", "no list any more"])
def test_choices_do_not_matter_where_any_value_is_taken(change):
    assert told([writer("Rating")], changed(replace(RATING, **{"choices": ("new",)} | change))) == []


@pytest.mark.parametrize(
    ("use", "is_touched"),
    [
        (writer("Region__c"), True),
        (writer("Region__c", "Company"), False),
        (writer("Region__c", complete=False), False),
        (writer("Region__c", adds=False), False),
        (writer("Region__c", keys=frozenset({"Company"})), False),
        (reader("Region__c"), False),
    ],
    ids=["does not fill it", "fills it", "may fill it", "only updates", "the key", "only reads"],
)
def test_a_field_that_must_be_filled_now_touches_who_adds_without_it(use, is_touched):
    needed = changed(replace(COMPANY, required=True))
    assert [one[:2] for one in told([use], needed)] == [("Company", DriftKind.REQUIRED)] * is_touched


def test_a_new_field_that_must_be_filled_is_news_and_one_that_always_had_to_be_is_not():
    needed = changed(replace(COMPANY, required=True))
    assert told([writer("Region__c")], needed, ObjectSchema("Lead", "Lead", (REGION, RATING)))
    assert told([writer("Region__c")], needed, needed) == []


def test_whoever_published_after_a_change_of_kind_or_choices_has_seen_it():
    uses = [writer("Region__c", "Rating", mapping=1), writer("Region__c", "Rating", mapping=2, at=AFTER)]
    schema = changed(replace(REGION, type=FieldType.NUMBER), replace(RATING, choices=("new",)))
    since = {DriftKind.TYPE: NOON, DriftKind.CHOICES: NOON}
    assert [one[:3] for one in told(uses, schema, **since)] == [
        ("Rating", DriftKind.CHOICES, (1,)),
        ("Region__c", DriftKind.TYPE, (1,)),
    ]
    assert told(uses[1:], schema, **since) == []
    assert [one[2] for one in told(uses[1:], changed(without=("Region__c", "Rating")), **since)] == [(2,), (2,)], (
        "what is gone is missed by every version"
    )


NAMES = ["A", "B", "C", "D"]
FIELDS = st.builds(
    FieldSchema,
    name=st.just(""),
    label=st.sampled_from(["One", "Two"]),
    type=st.sampled_from([FieldType.STRING, FieldType.CHOICE, FieldType.NUMBER, FieldType.EMAIL]),
    required=st.booleans(),
    writable=st.booleans(),
    choices=st.sampled_from([(), ("x",), ("x", "y"), ("z",)]),
    restricted=st.booleans(),
)
SCHEMAS = st.dictionaries(st.sampled_from(NAMES), FIELDS).map(
    lambda named: ObjectSchema("o", "O", tuple(replace(field, name=name) for name, field in named.items()))
)
SOME = st.frozensets(st.sampled_from(NAMES))
USES = st.lists(
    st.builds(
        FieldUse,
        mapping=st.integers(1, 3),
        published_at=st.just(BEFORE),
        reads=SOME,
        written=st.none() | st.builds(Written, SOME, st.just({"A": frozenset({"x"})}), st.booleans()),
        keys=SOME,
        adds=st.booleans(),
    ),
    max_size=4,
)


def fine_for(uses, schema: ObjectSchema) -> list[FieldUse]:
    """These uses, without what the fields do not allow anyway."""
    there = frozenset(field.name for field in schema.fields)
    may_write = frozenset(field.name for field in schema.fields if field.writable)
    must = frozenset(field.name for field in schema.fields if field.required)
    fitting = []
    for use in uses:
        written = use.written and replace(use.written, fields=use.written.fields & may_write)
        fills = must <= use.keys | (written.fields if written else frozenset())
        fitting.append(replace(use, reads=use.reads & there, written=written, adds=use.adds and fills))
    return fitting


def keys(drifts: list[Drift]) -> list[tuple[str, DriftKind, tuple[int, ...]]]:
    return [(drift.field, drift.kind, drift.mappings) for drift in drifts]


def reopened(drifts: list[Drift], uses, schema, last) -> list[Drift]:
    """What is found when these drifts are open and the fields were `last` as in that schema."""
    rows = {(drift.field, drift.kind): drift for drift in drifts}

    def recall(name, kind):
        drift = rows.get((name, kind))
        return Known(drift.before, NOON) if drift else Known(last.field(name))

    return find_drifts(uses, schema, recall)


@given(USES, SCHEMAS)
def test_fields_that_stay_as_they_are_touch_nobody_they_fit(uses, schema):
    assert found(fine_for(uses, schema), schema, schema) == []


@given(USES, SCHEMAS, SCHEMAS)
def test_what_is_open_stays_open_while_nothing_changes_and_ends_when_all_is_as_before(uses, old, new):
    uses = fine_for(uses, old)
    drifts = found(uses, new, old)
    assert keys(reopened(drifts, uses, new, new)) == keys(drifts)
    left = {one[:2] for one in keys(reopened(drifts, uses, old, new))}
    assert left.isdisjoint(one[:2] for one in keys(drifts)), "other trouble may come of what was there in between"


@given(USES, SCHEMAS, SCHEMAS)
def test_what_nobody_uses_is_no_drift_and_each_field_has_one_of_a_kind(uses, old, new):
    assert found([], new, old) == []
    drifts = keys(found(uses, new, old))
    assert len({one[:2] for one in drifts}) == len(drifts)
