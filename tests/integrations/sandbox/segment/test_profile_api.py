"""The Profile API: one profile at a time, in lower case, page by page."""

import httpx
import pytest


def traits(profiles, who, **query):
    return profiles.get(f"/users/profiles/{who}/traits", params=query)


def test_traits_are_merged_and_null_takes_one_away(send, profiles, person):
    send(person(plan="free", seats=3))
    send({"type": "identify", "userId": "u1", "traits": {"plan": "pro", "seats": None}})
    answer = traits(profiles, "user_id:u1")
    assert answer.json()["traits"] == {"email": "p1@x.io", "plan": "pro"}
    assert answer.headers["Request-Id"]


def test_with_more_words_each_says_where_it_comes_from(send, profiles, person):
    send(person())
    told = traits(profiles, "user_id:u1", verbose="true").json()["traits"]["email"]
    assert told["value"] == "p1@x.io" and told["source_id"] == "src_syncpanel" and told["updated_at"]


def test_ten_at_a_time_unless_asked_for_more(send, profiles, person):
    send(person(**{f"t{i:02d}": i for i in range(14)}))
    first = traits(profiles, "user_id:u1").json()
    assert len(first["traits"]) == 10 and first["cursor"]["has_more"]
    second = traits(profiles, "user_id:u1", next=first["cursor"]["next"]).json()
    assert len(second["traits"]) == 5 and not second["cursor"]["has_more"]
    assert len(traits(profiles, "user_id:u1", limit=200).json()["traits"]) == 15
    assert set(traits(profiles, "user_id:u1", include="t01,email").json()["traits"]) == {"t01", "email"}


def test_a_profile_has_all_its_ids(send, profiles):
    send({"type": "identify", "userId": "u1", "anonymousId": "A1", "traits": {}})
    send({"type": "identify", "anonymousId": "a1", "traits": {"plan": "pro"}})
    assert traits(profiles, "user_id:u1").json()["traits"] == {"plan": "pro"}
    rows = profiles.get("/users/profiles/anonymous_id:a1/external_ids").json()["data"]
    assert {(row["type"], row["id"]) for row in rows} == {("user_id", "u1"), ("anonymous_id", "a1")}


def test_other_letters_find_nobody(send, profiles, person):
    send({**person(), "userId": "User1"})
    assert traits(profiles, "user_id:user1").status_code == 200
    refused = traits(profiles, "user_id:User1")
    assert (refused.status_code, refused.json()["error"]["code"]) == (404, "not_found")


def test_events_go_back_two_weeks_the_latest_first(send, profiles, control):
    send({"type": "track", "userId": "u1", "event": "Old"})
    control.post("/clock", json={"advance_seconds": 10 * 86_400})
    send({"type": "track", "userId": "u1", "event": "New", "properties": {"a": 1}})
    rows = profiles.get("/users/profiles/user_id:u1/events").json()["data"]
    assert [row["event"] for row in rows] == ["New", "Old"] and rows[0]["properties"] == {"a": 1}
    control.post("/clock", json={"advance_seconds": 5 * 86_400})
    assert len(profiles.get("/users/profiles/user_id:u1/events", params={"sort": "asc"}).json()["data"]) == 1


def test_a_company_is_an_account_with_a_time_of_change(send, profiles):
    send({"type": "group", "userId": "u1", "groupId": "acme", "traits": {"name": "Acme"}})
    assert profiles.get("/accounts/profiles/group_id:acme/traits").json()["traits"] == {"name": "Acme"}
    told = profiles.get("/accounts/profiles/group_id:acme/metadata").json()["metadata"]
    assert told["created_at"] == told["updated_at"] and told["expires_at"] is None
    assert profiles.get("/accounts/profiles/group_id:acme/links").json()["data"] == []


@pytest.mark.parametrize("auth", [None, ("wrong", ""), ("sandboxWriteKeySyncpanel00000001", "")], ids=str)
def test_a_wrong_token_is_refused(profiles, auth):
    answer = httpx.get(str(profiles.base_url.join("users/profiles/user_id:u1/traits")), auth=auth)
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "authentication_error")


def test_a_hundred_look_ups_a_second(profiles, control):
    answers = [traits(profiles, "user_id:u1").status_code for _ in range(101)]
    assert set(answers[:100]) == {404} and answers[100] in (404, 429)
    control.post("/settings", json={"limits": False})
    assert traits(profiles, "user_id:u1").status_code == 404
