"""Members one by one: consent, ids, merge fields, tags."""

import pytest

from integrations.sandbox.mailchimp.member import hash_email
from tests.integrations.sandbox.mailchimp.conftest import EASY, MEMBERS

ANN = f"{MEMBERS}/{hash_email('ann@x.io')}"


def title(answer):
    assert answer.headers["content-type"].startswith("application/problem+json")
    return answer.status_code, answer.json()["title"]


def test_a_member_is_found_by_hash_contact_id_and_address(put, mailchimp):
    made = put("Ann@x.io").json()
    for who in (hash_email("ann@x.io"), made["contact_id"], "ann@x.io"):
        assert mailchimp.get(f"{MEMBERS}/{who}").json()["contact_id"] == made["contact_id"]
    assert title(mailchimp.get(f"{MEMBERS}/{hash_email('Ann@x.io').upper()}")) == (404, "Resource Not Found")


def test_put_adds_with_one_status_and_changes_without_it(put):
    assert put("ann@x.io", status_if_new="transactional").json()["status"] == "transactional"
    assert put("ann@x.io", status_if_new="subscribed").json()["status"] == "transactional"
    assert put("ann@x.io", status="subscribed").json()["status"] == "subscribed"


def test_a_new_member_needs_a_status(mailchimp):
    answer = mailchimp.put(ANN, json={"email_address": "ann@x.io"}, params=EASY)
    assert title(answer) == (400, "Invalid Resource") and answer.json()["errors"][0]["field"] == "status_if_new"


@pytest.mark.parametrize("status", ["unsubscribed", "cleaned"])
def test_nobody_subscribes_those_who_left(people, put, status):
    person = people(status)[0]
    assert title(put(person["email_address"], status="subscribed")) == (400, "Member In Compliance State")
    assert put(person["email_address"], status="pending").json()["status"] == "pending"


def test_archived_people_stay_so_until_a_status_is_written(people, put, mailchimp):
    person = people("archived")[0]
    assert put(person["email_address"], status_if_new="subscribed").json()["status"] == "archived"
    answer = mailchimp.post(
        MEMBERS, json={"email_address": person["email_address"], "status": "subscribed"}, params=EASY
    )
    assert title(answer) == (400, "Member Exists")
    assert put(person["email_address"], status="subscribed").json()["status"] == "subscribed"


def test_archiving_keeps_what_people_agreed_to(people, put, mailchimp):
    person = people("unsubscribed")[0]
    path = f"{MEMBERS}/{person['id']}"
    assert mailchimp.delete(path).status_code == 204
    assert mailchimp.get(path).json()["status"] == "archived"
    assert title(mailchimp.delete(path)) == (405, "Method Not Allowed")
    assert title(put(person["email_address"], status="subscribed")) == (400, "Member In Compliance State")


@pytest.mark.parametrize("status", ["cleaned", "pending"])
def test_bounced_and_unconfirmed_people_cannot_be_archived(put, mailchimp, status):
    put("ann@x.io", status=status)
    assert title(mailchimp.delete(ANN)) == (405, "Method Not Allowed")


def test_who_is_deleted_for_good_can_never_be_added_again(put, mailchimp):
    put("ann@x.io")
    assert mailchimp.post(f"{ANN}/actions/delete-permanent").status_code == 204
    assert title(mailchimp.get(ANN)) == (404, "Resource Not Found")
    assert title(put("ann@x.io")) == (400, "Forgotten Email Not Subscribed")


def test_an_address_is_changed_under_its_old_hash_and_the_contact_id_stays(put, mailchimp):
    made = put("ann@x.io", merge_fields={"FNAME": "Ann"}).json()
    moved = mailchimp.patch(ANN, json={"email_address": "anna@x.io"}, params=EASY).json()
    assert (moved["id"], moved["contact_id"]) == (hash_email("anna@x.io"), made["contact_id"])
    assert mailchimp.get(ANN).status_code == 404 and moved["merge_fields"]["FNAME"] == "Ann"
    put("bob@x.io")
    answer = mailchimp.patch(f"{MEMBERS}/{moved['id']}", json={"email_address": "bob@x.io"}, params=EASY)
    assert title(answer) == (400, "Member Exists")


def test_absent_merge_fields_are_kept_empty_ones_cleared_and_unknown_ones_passed_over(put):
    put("ann@x.io", merge_fields={"FNAME": "Ann", "LNAME": "B", "NOSUCH": "x"})
    merges = put("ann@x.io", merge_fields={"LNAME": ""}).json()["merge_fields"]
    assert (merges["FNAME"], merges["LNAME"]) == ("Ann", "") and "NOSUCH" not in merges


def test_what_is_too_long_is_cut_without_a_word(put):
    assert put("ann@x.io", merge_fields={"FNAME": "é" * 200}).json()["merge_fields"]["FNAME"] == "é" * 127


@pytest.mark.parametrize(
    ("tag", "value"),
    [
        ("SCORE", "a lot"),
        ("STAGE", "emperor"),
        ("SINCE", "2026-02-31"),
        ("BIRTHDAY", "2026-03-01"),
        ("ADDRESS", {"city": "Cork"}),
        ("ADDRESS", "Cork"),
        ("WEBSITE", "not a page"),
        ("USZIP", "T12"),
        ("FNAME", ["a"]),
    ],
)
def test_a_value_that_does_not_fit_is_refused_with_its_field(put, control, tag, value):
    answer = put("ann@x.io", merge_fields={tag: value})
    assert title(answer) == (400, "Invalid Resource")
    assert [error["field"] for error in answer.json()["errors"]] == [tag]
    assert control.get("/mailchimp/members:a6b5da1054/summary").json()["rejected"] == 1


def test_required_fields_may_be_missing_only_when_asked_to_look_away(mailchimp):
    given = {"email_address": "ann@x.io", "status": "subscribed"}
    answer = mailchimp.post(MEMBERS, json=given)
    assert title(answer) == (400, "Invalid Resource") and answer.json()["errors"][0]["field"] == "COUNTRY"
    assert mailchimp.post(MEMBERS, json=given, params=EASY).status_code == 200


def test_tags_in_a_change_are_passed_over_and_have_a_call_of_their_own(put, mailchimp):
    put("ann@x.io", tags=["one"])
    put("ann@x.io", tags=["two"])
    before = mailchimp.get(ANN).json()
    tags = [{"name": "three", "status": "active"}, {"name": "one", "status": "inactive"}]
    assert mailchimp.post(f"{ANN}/tags", json={"tags": tags}).status_code == 204
    after = mailchimp.get(ANN).json()
    assert [tag["name"] for tag in before["tags"]] == ["one"] and [tag["name"] for tag in after["tags"]] == ["three"]
    assert after["last_changed"] == before["last_changed"]
    assert [tag["name"] for tag in mailchimp.get(f"{ANN}/tags").json()["tags"]] == ["three"]


def test_an_unknown_interest_is_refused(put):
    assert title(put("ann@x.io", interests={"nope": True})) == (400, "Invalid Resource")
    assert put("ann@x.io", interests={"6b8f3a21c0": True}).json()["interests"]["6b8f3a21c0"] is True


class TestListing:
    def test_a_page_holds_ten_unless_told_otherwise_and_a_thousand_at_most(self, mailchimp):
        assert len(mailchimp.get(MEMBERS).json()["members"]) == 10
        assert title(mailchimp.get(MEMBERS, params={"count": 1_001})) == (400, "Invalid Resource")

    def test_archived_people_come_only_when_asked_for(self, mailchimp, people):
        everybody = mailchimp.get(MEMBERS, params={"count": 1_000}).json()
        assert len(everybody["members"]) == everybody["total_items"]
        assert "archived" not in {row["status"] for row in everybody["members"]}
        archived = mailchimp.get(MEMBERS, params={"status": "archived", "count": 1_000}).json()["members"]
        assert {row["id"] for row in archived} == {row["id"] for row in people("archived")} != set()

    @pytest.mark.parametrize("status", ["subscribed", "unsubscribed", "cleaned", "transactional"])
    def test_the_portals_people_are_there_with_all_kinds_of_consent(self, mailchimp, people, status):
        rows = mailchimp.get(MEMBERS, params={"status": status, "count": 1_000}).json()
        assert rows["total_items"] == len(people(status)) > 0

    def test_they_are_sorted_and_bounded_by_their_last_change(self, mailchimp):
        query = {"sort_field": "last_changed", "sort_dir": "ASC", "count": 1_000}
        stamps = [row["last_changed"] for row in mailchimp.get(MEMBERS, params=query).json()["members"]]
        assert stamps == sorted(stamps)
        since, before = stamps[50], stamps[-50]
        bounded = {**query, "since_last_changed": since, "before_last_changed": before}
        found = [row["last_changed"] for row in mailchimp.get(MEMBERS, params=bounded).json()["members"]]
        assert found == [stamp for stamp in stamps if since < stamp < before]
        newest = mailchimp.get(MEMBERS, params={**query, "sort_dir": "DESC", "count": 1}).json()["members"][0]
        assert newest["last_changed"] == stamps[-1]

    @pytest.mark.parametrize(
        ("fields", "names"),
        [
            ("members.id,total_items", {"members", "total_items"}),
            ("members.merge_fields.FNAME,list_id", {"members", "list_id"}),
            ("total_items", {"total_items"}),
        ],
    )
    def test_only_the_fields_asked_for_come(self, mailchimp, fields, names):
        body = mailchimp.get(MEMBERS, params={"fields": fields}).json()
        if "merge_fields" in fields:
            assert set(body["members"][0]) == {"merge_fields"} and set(body["members"][0]["merge_fields"]) == {"FNAME"}
        assert names <= set(body)

    def test_fields_can_be_left_out_but_not_both(self, mailchimp):
        row = mailchimp.get(MEMBERS, params={"exclude_fields": "members.stats.avg_open_rate,_links"}).json()["members"][
            0
        ]
        assert set(row["stats"]) == {"avg_click_rate"}
        answer = mailchimp.get(MEMBERS, params={"fields": "a", "exclude_fields": "b"})
        assert title(answer) == (422, "RequestedFieldsInvalid")

    def test_vips_and_addresses_ids_are_filters(self, put, mailchimp):
        made = put("ann@x.io", vip=True).json()
        for query in ({"vip_only": "true"}, {"unique_email_id": made["unique_email_id"]}):
            assert [row["id"] for row in mailchimp.get(MEMBERS, params=query).json()["members"]] == [made["id"]]


def test_touching_is_what_an_administrator_does(control, mailchimp):
    body = {"count": 2, "properties": {"JOBTITLE": "Chief"}}
    ids = control.post("/mailchimp/members:a6b5da1054/touch", json=body).json()["ids"]
    assert [mailchimp.get(f"{MEMBERS}/{one}").json()["merge_fields"]["JOBTITLE"] for one in ids] == ["Chief", "Chief"]
    assert control.get("/mailchimp/members:a6b5da1054/summary").json()["writes"] == 0
    assert control.get("/mailchimp/members:nope/summary").status_code == 400
