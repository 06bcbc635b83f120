"""Single people and companies, looked up where the workspace has Unify."""

import base64

import httpx
import pytest

from integrations.exceptions import ConfigurationError, SignInError, TransientError
from integrations.types import Window
from tests.integrations.adapters.segment.conftest import NOW, credentials

NOBODY = httpx.Response(404, json={"error": {"code": "not_found", "message": "Profile was not found."}})


def page(traits, following=""):
    return {"traits": traits, "cursor": {"has_more": bool(following), "next": following, "limit": 200}}


@pytest.fixture
def looking(segment):
    def make(answer):
        return segment(answer, credentials(settings={"space_id": "spa_1"}, space_token="token"))

    return make


def read(one, ids, object_name="users", fields=()):
    return one.adapter.read_records(object_name, ids, fields)


def test_a_person_is_found_by_user_id_in_lower_case_with_traits_laid_flat(looking):
    one = looking(page({"email": "ann@example.org", "address": {"city": "Cork"}}))
    assert read(one, ["User+1"]) == [
        {"id": "User+1", "userId": "User+1", "email": "ann@example.org", "address.city": "Cork"}
    ]
    url = "https://profiles.segment.com/v1/spaces/spa_1/collections/users/profiles/user_id:user%2B1/traits?limit=200"
    assert str(one.requests[0].url) == url
    assert base64.b64decode(one.requests[0].headers["Authorization"].removeprefix("Basic ")) == b"token:"
    assert one.permits.calls == ["profiles"]


def test_who_is_known_by_no_user_id_is_looked_for_by_anonymous_id(looking):
    one = looking(lambda request: page({"plan": "pro"}) if "anonymous_id:" in str(request.url) else NOBODY)
    assert read(one, ["a1"]) == [{"id": "a1", "anonymousId": "a1", "plan": "pro"}]


def test_who_is_not_there_is_left_out_and_nobody_is_asked_for_twice(looking):
    one = looking(lambda request: NOBODY if "u2" in str(request.url) else page({"plan": "pro"}))
    assert [record["id"] for record in read(one, ["u1", "u2", "u1", "u3"])] == ["u1", "u3"]
    assert len(one.requests) == 4


def test_only_the_fields_asked_for_are_given(looking):
    one = looking(page({"plan": "pro", "seats": 3}))
    assert read(one, ["u1"], fields=["plan", "email"]) == [{"id": "u1", "plan": "pro", "email": None}]


def test_a_company_is_found_among_the_accounts(looking):
    one = looking(page({"name": "Acme"}))
    assert read(one, ["acme"], "groups") == [{"id": "acme", "groupId": "acme", "name": "Acme"}]
    assert "/collections/accounts/profiles/group_id:acme/traits" in str(one.requests[0].url)


def test_all_pages_of_traits_are_read(looking):
    one = looking(lambda request: page({"b": 2}) if "next=2" in str(request.url) else page({"a": 1}, "2"))
    assert read(one, ["u1"]) == [{"id": "u1", "userId": "u1", "a": 1, "b": 2}]


def test_pages_without_an_end_are_trouble(looking):
    with pytest.raises(TransientError) as caught:
        read(looking(page({"a": 1}, "2")), ["u1"])
    assert caught.value.code == "cursor_stuck"


@pytest.mark.parametrize("body", [[], {}, {"traits": []}, "x"], ids=str)
def test_an_answer_of_another_shape_is_trouble(looking, body):
    with pytest.raises(TransientError):
        read(looking(body), ["u1"])


def test_a_wrong_token_is_a_matter_of_signing_in(looking):
    with pytest.raises(SignInError):
        read(looking(httpx.Response(401, json={"error": {"code": "authentication_error"}})), ["u1"])


@pytest.mark.parametrize("signed", [{}, {"space_token": "token"}], ids=["no-token", "no-space"])
def test_without_a_token_a_person_is_told_what_is_missing(segment, signed):
    one = segment(signed=credentials(**signed))
    with pytest.raises(ConfigurationError, match="Profile API token"):
        read(one, ["u1"])
    assert not one.requests


def test_events_are_not_looked_up(looking):
    with pytest.raises(ConfigurationError, match="webhook"):
        read(looking({}), ["e1"], "events")


@pytest.mark.parametrize("name", ["users", "events", "groups"])
def test_there_is_no_list_of_anybody_and_nothing_to_count(looking, name):
    one = looking({})
    assert one.adapter.count(name, Window(None, NOW)) is None
    with pytest.raises(ConfigurationError, match="webhook"):
        one.adapter.fetch_records(name, {}, Window(None, NOW), ())
    assert not one.requests
