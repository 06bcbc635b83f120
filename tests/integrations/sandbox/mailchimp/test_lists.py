"""Audiences, what they ask of people, and many members in one call."""

import pytest

from integrations.sandbox.mailchimp.credentials import NEWSLETTER, PRODUCT_NEWS
from tests.integrations.sandbox.mailchimp.conftest import EASY, MEMBERS

LIST = f"/lists/{NEWSLETTER}"


def test_one_audience_asks_everyone_to_confirm(mailchimp):
    body = mailchimp.get("/lists", params={"fields": "lists.id,lists.double_optin,total_items"}).json()
    rows = [{"id": NEWSLETTER, "double_optin": False}, {"id": PRODUCT_NEWS, "double_optin": True}]
    assert body == {"lists": rows, "total_items": 2}
    assert mailchimp.get("/lists/nope").status_code == 404


def test_there_is_a_merge_field_of_every_type_and_they_come_and_go(mailchimp):
    rows = mailchimp.get(f"{LIST}/merge-fields", params={"count": 100}).json()["merge_fields"]
    assert {row["type"] for row in rows} == {
        *("text", "number", "address", "phone", "date", "url", "imageurl", "radio", "dropdown", "birthday", "zip")
    }
    made = mailchimp.post(f"{LIST}/merge-fields", json={"name": "Region", "type": "text", "tag": "REGION"}).json()
    assert (
        mailchimp.post(f"{LIST}/merge-fields", json={"name": "R", "type": "text", "tag": "REGION"}).status_code == 400
    )
    assert mailchimp.post(f"{LIST}/merge-fields", json={"name": "R", "type": "picture"}).status_code == 400
    assert mailchimp.delete(f"{LIST}/merge-fields/{made['merge_id']}").status_code == 204
    assert mailchimp.delete(f"{LIST}/merge-fields/{made['merge_id']}").status_code == 404
    assert mailchimp.get(f"{LIST}/merge-fields", params={"count": 100}).json()["total_items"] == len(rows)


def test_groups_and_tags_are_told(mailchimp):
    categories = mailchimp.get(f"{LIST}/interest-categories").json()["categories"]
    assert [one["title"] for one in categories] == ["Topics", "How often"]
    interests = mailchimp.get(f"{LIST}/interest-categories/{categories[1]['id']}/interests").json()["interests"]
    assert [one["name"] for one in interests] == ["Weekly", "Monthly"]
    assert mailchimp.get(f"{LIST}/interest-categories/none/interests").status_code == 404
    assert [one["name"] for one in mailchimp.get(f"{LIST}/tag-search", params={"name": "le"}).json()["tags"]] == [
        "lead"
    ]


@pytest.fixture
def post(mailchimp):
    def call(*members, update=True, **query):
        body = {"members": list(members), "update_existing": update}
        return mailchimp.post(LIST, json=body, params={**EASY, **query})

    return call


def row(email, status="subscribed", **more):
    return {"email_address": email, "status": status, **more}


def test_many_members_are_taken_whatever_becomes_of_each(post, people):
    left = people("unsubscribed")[0]["email_address"]
    bad = row("score@x.io", merge_fields={"SCORE": "x"})
    answer = post(
        row("ann@x.io"), row("nope"), row(left), bad, row(people("subscribed")[0]["email_address"], "unsubscribed")
    )
    body = answer.json()
    assert answer.status_code == 200
    assert (body["total_created"], body["total_updated"], body["error_count"]) == (1, 1, 3)
    errors = {error["email_address"]: error for error in body["errors"]}
    assert "compliance state" in errors[left]["error"] and errors["score@x.io"]["field"] == "SCORE"
    assert errors["nope"]["error"] == "Please provide a valid email address."
    assert {error["error_code"] for error in body["errors"]} == {"ERROR_GENERIC"}


def test_who_is_there_is_left_alone_unless_told_to_update(post, people):
    email = people("unsubscribed")[0]["email_address"]
    body = post(row(email), update=False).json()
    assert body["errors"][0]["error_code"] == "ERROR_CONTACT_EXISTS"
    assert email in [one["email_address"] for one in people("unsubscribed")]


def test_one_address_twice_is_an_error_unless_it_is_to_be_passed_over(post):
    assert post(row("ann@x.io"), row("ANN@x.io")).json()["error_count"] == 1
    assert post(row("ann@x.io"), row("ANN@x.io"), skip_duplicate_check="true").json()["error_count"] == 0


def test_more_than_five_hundred_are_too_many(post):
    assert post(*[row(f"p{i}@x.io") for i in range(501)]).status_code == 400


def test_rows_can_be_forgotten_though_they_were_carried_out(post, control, mailchimp):
    control.post("/settings", json={"mailchimp_forget_rows": 2})
    body = post(*[row(f"p{i}@x.io") for i in range(5)]).json()
    assert len(body["new_members"]) == 3 and body["errors"] == []
    assert mailchimp.get(f"{MEMBERS}/p4@x.io").status_code == 200
