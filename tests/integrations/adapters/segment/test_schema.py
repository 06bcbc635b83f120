"""The fields of Segment's objects: the spec's, those the space knows, and room for any other."""

import httpx
import pytest

from integrations.adapters.segment.schema import guess_type
from integrations.enums import FieldType
from integrations.exceptions import ConfigurationError, TransientError
from integrations.mappings.validation import compile_validator
from tests.integrations.adapters.segment.conftest import credentials


def trait(name, kind="CUSTOM", *samples):
    return {"trait": name, "type": kind, "lastSeenAt": "2026-11-01T00:00:00Z", "samples": list(samples)}


def page(*rows, following=""):
    paging = {"current": "a", **({"next": following} if following else {})}
    return {"data": {"traits": list(rows), "pagination": paging}}


@pytest.fixture
def knowing(segment):
    """An adapter with a token for the traits of a space."""

    def make(answer):
        return segment(answer, credentials(settings={"space_id": "spa_1"}, public_token="token"))

    return make


@pytest.mark.parametrize(
    ("name", "keys", "required"),
    [
        ("users", {"userId", "anonymousId", "email"}, set()),
        ("events", {"eventId", "userId", "anonymousId"}, {"event"}),
        ("groups", {"groupId", "userId", "anonymousId"}, set()),
    ],
)
def test_without_a_token_the_fields_are_those_of_the_spec_and_no_call_is_made(segment, name, keys, required):
    one = segment()
    schema = one.adapter.describe(name)
    assert not one.requests and schema.extra_fields
    assert {field.name for field in schema.fields if field.is_key} == keys
    assert {field.name for field in schema.fields if field.required} == required
    assert all(field.label for field in schema.fields)


def test_an_object_there_is_not_is_a_matter_of_configuration(segment):
    with pytest.raises(ConfigurationError):
        segment().adapter.describe("pages")


def test_the_traits_of_the_space_stand_behind_with_guessed_types(knowing):
    one = knowing(page(trait("plan", "CUSTOM", "pro", "free"), trait("seats", "CUSTOM", "1", "12"), trait("odd")))
    schema = one.adapter.describe("users")
    assert [schema.field(name).type for name in ("plan", "seats", "odd")] == [
        FieldType.STRING,
        FieldType.NUMBER,
        FieldType.OTHER,
    ]
    assert all(schema.field(name).writable for name in ("plan", "seats", "odd"))


def test_what_segment_computes_cannot_be_written(knowing):
    one = knowing(page(trait("buyers", "AUDIENCE"), trait("orders", "COMPUTED"), trait("score", "SQL")))
    schema = one.adapter.describe("users")
    assert not any(schema.field(name).writable for name in ("buyers", "orders", "score"))
    assert all(schema.field(name).description for name in ("buyers", "orders", "score"))


def test_a_trait_the_spec_has_stays_as_the_spec_has_it(knowing):
    schema = knowing(page(trait("age", "CUSTOM", "x", "y"), trait("address"), trait(""), trait(" "))).adapter.describe(
        "users"
    )
    assert schema.field("age").type is FieldType.NUMBER
    assert schema.field("address") is None and schema.field("address.city") is not None


def test_all_pages_are_read_and_a_trait_that_comes_twice_is_one(knowing):
    pages = {"": page(trait("a"), trait("b"), following="2"), "2": page(trait("b"), trait("c"))}

    def answer(request):
        assert request.headers["Accept"] == "application/vnd.segment.v1alpha+json"
        assert request.headers["Authorization"] == "Bearer token"
        asked = httpx.QueryParams(request.url.query)
        assert asked["includeSampleValues"] == "true" and asked["collection"] == "users"
        return pages["2" if '"cursor":"2"' in asked["pagination"] else ""]

    one = knowing(answer)
    names = [field.name for field in one.adapter.describe("users").fields]
    assert names[-3:] == ["a", "b", "c"] and len(one.requests) == 2
    assert str(one.requests[0].url).startswith("https://api.segmentapis.com/spaces/spa_1/traits?")


def test_a_list_that_does_not_move_on_is_trouble(knowing):
    with pytest.raises(TransientError) as caught:
        knowing(page(trait("a"), following="2")).adapter.describe("users")
    assert caught.value.code == "cursor_stuck"


@pytest.mark.parametrize("body", [[], {}, {"data": []}, "x"], ids=str)
def test_an_answer_of_another_shape_is_trouble(knowing, body):
    with pytest.raises(TransientError):
        knowing(body).adapter.describe("users")


@pytest.mark.parametrize("space", ["spa/../x", "spa 1", "ä", "x" * 81])
def test_what_cannot_be_a_space_is_never_put_into_an_address(segment, space):
    one = segment(page(), credentials(settings={"space_id": space}, public_token="token"))
    with pytest.raises(ConfigurationError, match="space"):
        one.adapter.describe("users")
    assert not one.requests


def test_a_mapping_may_write_traits_nobody_has_heard_of(segment):
    validate = compile_validator(segment().adapter.describe("users"), "userId", "upsert", platform_label="Segment")
    assert validate({"userId": "u1", "brand_new": 5, "another.part": "x"}) == []
    assert [problem.code for problem in validate({"userId": "u1", "email": "no"})] == ["invalid_email"]


@pytest.mark.parametrize(
    ("samples", "guess"),
    [
        ([], FieldType.OTHER),
        (["5"], FieldType.OTHER),
        (["5", None, ""], FieldType.OTHER),
        (["5", "6.5", "-1"], FieldType.NUMBER),
        (["5", "x"], FieldType.STRING),
        (["true", "false"], FieldType.BOOLEAN),
        ([True, False], FieldType.BOOLEAN),
        (["2026-01-02", "2026-01-03"], FieldType.DATE),
        (["2026-01-02T03:04:05Z", "2026-01-03 03:04"], FieldType.DATETIME),
        (['"pro"', '"free"'], FieldType.STRING),
        (['"5"', '"6"'], FieldType.NUMBER),
    ],
    ids=str,
)
def test_types_are_guessed_when_all_samples_agree(samples, guess):
    assert guess_type(samples) is guess
