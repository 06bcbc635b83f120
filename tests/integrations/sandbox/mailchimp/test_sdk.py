"""The vendor's own client, mailchimp-marketing 3, works against the sandbox."""

import json

import mailchimp_marketing
import pytest
from mailchimp_marketing.api_client import ApiClientError

from integrations.sandbox.mailchimp.credentials import ACCESS_TOKEN, API_KEY, NEWSLETTER
from integrations.sandbox.mailchimp.member import hash_email

ANN = hash_email("ann@x.io")


@pytest.fixture(params=[{"api_key": API_KEY, "server": "us21"}, {"access_token": ACCESS_TOKEN, "server": "us21"}])
def client(sandbox, request):
    made = mailchimp_marketing.Client(request.param)
    made.api_client.host = f"{sandbox.url}/3.0"
    return made


def test_ping_and_lists(client):
    assert client.ping.get() == {"health_status": "Everything's Chimpy!"}
    assert [one["name"] for one in client.lists.get_all_lists(count=100)["lists"]] == ["Newsletter", "Product news"]


def test_a_member_is_put_read_tagged_archived(client):
    body = {"email_address": "ann@x.io", "status_if_new": "subscribed", "merge_fields": {"FNAME": "Ann"}}
    made = client.lists.set_list_member(NEWSLETTER, ANN, body, skip_merge_validation=True)
    assert client.lists.get_list_member(NEWSLETTER, made["contact_id"])["id"] == ANN
    client.lists.update_list_member_tags(NEWSLETTER, ANN, {"tags": [{"name": "lead", "status": "active"}]})
    assert client.lists.get_list_member_tags(NEWSLETTER, ANN)["tags"][0]["name"] == "lead"
    assert client.lists.delete_list_member(NEWSLETTER, ANN).status_code == 204
    assert client.lists.get_list_member(NEWSLETTER, ANN)["status"] == "archived"


def test_many_members_are_listed_and_taken(client):
    page = client.lists.get_list_members_info(NEWSLETTER, count=50, sort_field="last_changed", sort_dir="DESC")
    assert len(page["members"]) == 50 and page["total_items"] > 500
    members = [{"email_address": f"p{i}@x.io", "status": "subscribed"} for i in range(3)]
    body = {"members": members, "update_existing": True}
    assert client.lists.batch_list_members(NEWSLETTER, body, skip_merge_validation=True)["total_created"] == 3


def test_a_refusal_is_the_clients_own_error(client):
    with pytest.raises(ApiClientError) as caught:
        client.lists.get_list_member(NEWSLETTER, "nope")
    assert (caught.value.status_code, json.loads(caught.value.text)["title"]) == (404, "Resource Not Found")


def test_a_batch_is_handed_in_and_asked_for(client):
    operations = [{"method": "GET", "path": f"/lists/{NEWSLETTER}/members"}]
    made = client.batches.start({"operations": operations})
    assert client.batches.status(made["id"])["status"] == "pending"
    assert client.batches.delete_request(made["id"]).status_code == 204


def test_layout_and_webhooks(client):
    fields = client.lists.get_list_merge_fields(NEWSLETTER, count=100)["merge_fields"]
    assert "FNAME" in [field["tag"] for field in fields]
    assert client.lists.get_list_interest_categories(NEWSLETTER)["total_items"] == 2
    with pytest.raises(ApiClientError) as caught:
        client.lists.create_list_webhook(NEWSLETTER, {"url": "http://127.0.0.1:9/x/"})
    assert "couldn't verify the URL" in caught.value.text
