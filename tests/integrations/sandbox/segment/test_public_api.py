"""The Public API: what a workspace says about itself, and how somebody is forgotten."""

import json

import pytest

from integrations.sandbox.segment.credentials import SPACE_ID, WRITE_KEY

ALPHA = {"Accept": "application/vnd.segment.v1alpha+json"}


def traits(public, **query):
    return public.get(f"/spaces/{SPACE_ID}/traits", params={"collection": "users", **query}, headers=ALPHA)


def page(**paging):
    return {"pagination": json.dumps(paging)}


def test_the_workspace_has_a_name(public):
    assert public.get("/").json()["data"]["workspace"]["name"] == "Sandbox workspace"
    assert public.get("/echo", params={"message": "hi"}).json()["data"]["message"] == "hi"
    assert public.get("/echo", params={"triggerError": "true", "statusCode": "503"}).status_code == 503


def test_sources_show_their_write_keys(public):
    sources = public.get("/sources", params=page(count=200)).json()["data"]["sources"]
    assert [WRITE_KEY] in [source["writeKeys"] for source in sources]
    assert {source["enabled"] for source in sources} == {True, False}
    assert public.get(f"/sources/{sources[0]['id']}").json()["data"]["source"] == sources[0]
    assert public.get("/sources/none").status_code == 404


@pytest.mark.parametrize("form", ["json", "brackets"])
def test_lists_are_paged_either_way(public, form):
    names, cursor = [], "0"
    while cursor:
        asked = (
            page(count=1, cursor=cursor) if form == "json" else {"pagination[count]": "1", "pagination[cursor]": cursor}
        )
        data = public.get("/sources", params=asked).json()["data"]
        names += [source["name"] for source in data["sources"]]
        cursor = data["pagination"].get("next")
    assert names == ["Syncpanel", "Website", "Old app"]


@pytest.mark.parametrize("count", [-1, 1_001])
def test_a_page_has_its_limits(public, count):
    refused = public.get("/sources", params=page(count=count))
    assert (refused.status_code, refused.json()["errors"][0]["type"]) == (422, "validation")


def test_traits_tell_their_origin_and_samples_but_no_type_of_values(send, public, person):
    send(person(favourite="red"), person(2, favourite="blue"))
    rows = {
        row["trait"]: row
        for row in traits(public, includeSampleValues="true", **page(count=100)).json()["data"]["traits"]
    }
    assert rows["favourite"]["samples"] == ["red", "blue"] and rows["favourite"]["type"] == "CUSTOM"
    assert rows["likely_to_buy"]["type"] == "AUDIENCE" and rows["orders_90_days"]["type"] == "COMPUTED"
    found = traits(public, search="favou").json()["data"]["traits"]
    assert [row["trait"] for row in found] == ["favourite"] and "samples" not in found[0]


def test_companies_have_traits_of_their_own(send, public):
    send({"type": "group", "userId": "u1", "groupId": "acme", "traits": {"tier": "gold"}})
    rows = traits(public, collection="accounts").json()["data"]["traits"]
    assert [row["trait"] for row in rows] == ["tier"]


def test_an_endpoint_in_alpha_wants_its_media_type(public):
    assert public.get(f"/spaces/{SPACE_ID}/traits").status_code == 406


def test_a_wrong_token_is_refused(public):
    refused = public.get("/sources", headers={"Authorization": "Bearer wrong"})
    assert (refused.status_code, refused.json()["errors"][0]["type"]) == (401, "unauthorized")


def test_lists_of_traits_are_asked_for_25_times_a_minute(public, control):
    answers = [traits(public) for _ in range(26)]
    assert [answer.status_code for answer in answers] == [200] * 25 + [429]
    assert answers[-1].headers["Retry-After"] == "60"
    assert public.get("/sources").status_code == 200
    control.post("/clock", json={"advance_seconds": 60})
    assert traits(public).status_code == 200


def test_the_overview_counts_what_arrived_and_what_was_lost(send, public, person):
    send(person(), {"type": "identify", "traits": {}})
    counts = {
        kind: public.get(f"/delivery-overview/{kind}").json()["data"]["dataset"][0]["count"]
        for kind in ("successfully-received", "failed-on-ingest", "filtered-at-source")
    }
    assert counts == {"successfully-received": 1, "failed-on-ingest": 1, "filtered-at-source": 0}


def test_who_is_deleted_and_suppressed_is_gone_and_stays_gone(send, public, told, person):
    send(person())
    body = {"regulationType": "SUPPRESS_WITH_DELETE", "subjectType": "USER_ID", "subjectIds": ["u1"]}
    number = public.post("/regulations", json=body).json()["data"]["regulateId"]
    assert public.get(f"/regulations/{number}").json()["data"]["regulation"]["status"] == "FINISHED"
    assert public.get("/regulations/none").status_code == 404
    assert told("users")["stored"] == 0
    assert send(person()).json() == {"success": True}
    assert told("lost") == {"suppressed": 1}
    assert public.get("/suppressions").json()["data"]["suppressed"] == [{"attributes": ["u1"]}]
    public.post("/regulations", json={**body, "regulationType": "UNSUPPRESS"})
    send(person())
    assert told("users")["stored"] == 1


def test_a_regulation_says_about_whom(public):
    assert public.post("/regulations", json={"regulationType": "DELETE_ONLY"}).status_code == 422
    assert public.post("/regulations", content=b"{").status_code == 400
