"""Whatever the fields are called and hold: nothing that cannot work is proposed, and every draft runs."""

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.enums import FieldType as T
from integrations.mappings.checks import check_code
from integrations.mappings.matching import Level, Match, ask_questions, draft_code, match_fields, summarise
from integrations.mappings.matching.fitting import find_fit
from integrations.types import FieldSchema, ObjectSchema
from tests.integrations.mappings.matching.field_lists import NAMES, read_object
from tests.integrations.mappings.running import is_complete, map_all

POOL = ("email", "first_name", "lastName", "Phone", "mobile phone", "country", "country code", "state", "state_code")
POOL += (
    "Größe",
    "store size",
    "store_size_old",
    "status",
    "company",
    "last order date",
    "vip",
    "id",
    "owner",
    "Field 17",
)
NAMES_OF_FIELDS = st.one_of(*[st.sampled_from(POOL)] * 5, st.text(min_size=1, max_size=20))
MEANINGS = st.sampled_from(("", "email address", "phone number", "first name", "country code", "company name"))
CHOICES = st.lists(
    st.sampled_from(("a", "A", "b", "Yes", "No", "true", "1", "x;y", "")) | st.text(max_size=5), max_size=4
)


@st.composite
def fields(draw):
    choices = tuple(dict.fromkeys(draw(CHOICES)))
    name = draw(NAMES_OF_FIELDS)
    return FieldSchema(
        name=name,
        label=draw(st.just(name) | NAMES_OF_FIELDS),
        type=draw(st.sampled_from(list(T))),
        required=draw(st.booleans()),
        writable=draw(st.sampled_from((True, True, True, False))),
        readable=draw(st.sampled_from((True, True, True, False))),
        max_length=draw(st.none() | st.integers(1, 300)),
        choices=choices,
        choice_labels=choices[::-1],
        restricted=draw(st.booleans()),
        is_key=draw(st.booleans()),
    )


@st.composite
def objects(draw):
    made = draw(st.lists(fields(), min_size=4, max_size=15, unique_by=lambda field: field.name))
    name = draw(st.sampled_from(("contacts", "Account", "events")) | st.text(max_size=10))
    return ObjectSchema(name, draw(st.sampled_from(("Contacts", "Accounts")) | st.text(max_size=10)), tuple(made))


VALUES = st.none() | st.booleans() | st.integers(-(10**9), 10**15) | st.floats(allow_nan=False) | st.text(max_size=30)
MORE_VALUES = (
    VALUES
    | st.sampled_from(("a@b.io", "+49 30 1234", "DE", "Germany", "2024-03-01", "a;b"))
    | st.lists(VALUES, max_size=3)
)


@given(objects(), objects(), st.data())
@settings(max_examples=60)
def test_only_what_can_be_read_written_and_converted_is_paired(source, destination, data):
    names = [field.name for field in source.fields]
    records = data.draw(st.lists(st.fixed_dictionaries(dict.fromkeys(names, MORE_VALUES)), max_size=5))
    matches = match_fields(source, destination, records)
    assert len({match.destination_field for match in matches}) == len(matches)
    for match in matches:
        a, b = source.field(match.source_field), destination.field(match.destination_field)
        assert a.readable and b.writable
        assert find_fit(a, b, "") is not None or find_fit(a, b, "country code") is not None
        assert 0 < match.confidence <= 1 and match.level is Level.of(match.confidence) and match.why


@given(objects(), objects(), st.randoms(use_true_random=False))
@settings(max_examples=60)
def test_the_order_of_the_fields_changes_nothing(source, destination, random):
    again = [shuffle(schema, random) for schema in (source, destination)]
    assert match_fields(*again) == match_fields(source, destination)


def test_the_order_of_real_fields_changes_nothing():
    random = Random(7)
    for name in NAMES:
        source, destination = read_object("hubspot_contacts"), read_object(name)
        again = [shuffle(schema, random) for schema in (source, destination)]
        assert match_fields(*again) == match_fields(source, destination), name


def shuffle(schema, random):
    mixed = list(schema.fields)
    random.shuffle(mixed)
    return ObjectSchema(schema.name, schema.label, tuple(mixed))


def pair_whatever_fits(source, destination, meaning):
    """Pairs of all fields that could go together by type, whatever they are called."""
    for a, b in zip(source.fields, destination.fields, strict=False):
        fit = find_fit(a, b, meaning)
        if fit is not None:
            yield Match(a.name, b.name, 0.9, Level.HIGH, "Both are fields.", fit.conversion)


@given(objects(), objects(), MEANINGS, st.booleans(), st.data())
@settings(max_examples=60)
def test_every_draft_passes_the_checks_and_runs_on_any_record(source, destination, meaning, by_type, data):
    matches = tuple(pair_whatever_fits(source, destination, meaning)) if by_type else match_fields(source, destination)
    code = draft_code(matches, source, destination)
    assert check_code(code) == [], code
    names = [field.name for field in source.fields]
    records = data.draw(st.lists(st.fixed_dictionaries(dict.fromkeys(names, MORE_VALUES)), min_size=1, max_size=5))
    batch = map_all(code, records)
    assert is_complete(batch, len(records)) and not batch.failed and not batch.left_out, (code, batch.failed)
    assert all(note.text for note in summarise(matches, source, destination))
    assert all(question.strip() for question in ask_questions(matches, source, destination))
