"""The vendor's own client, hubspot-api-client 12, works against the sandbox."""

import pytest
from hubspot import HubSpot
from hubspot.crm.contacts import (
    BatchInputSimplePublicObjectBatchInputUpsert,
    BatchReadInputSimplePublicObjectId,
    PublicObjectSearchRequest,
    SimplePublicObjectInput,
    SimplePublicObjectInputForCreate,
)
from hubspot.crm.contacts.exceptions import ApiException


@pytest.fixture
def client(sandbox):
    return HubSpot(access_token=sandbox.credentials()["hubspot"]["access_token"], host=sandbox.url)


def test_get_all_walks_the_pages(client):
    everybody = client.crm.contacts.get_all(properties=["email", "company"])
    assert len(everybody) == 1_000
    assert everybody[0].properties["company"]


def test_a_contact_is_created_read_changed_and_archived(client):
    api = client.crm.contacts.basic_api
    made = api.create(SimplePublicObjectInputForCreate(properties={"email": "ann@x.io"}, associations=[]))
    changed = api.update(made.id, SimplePublicObjectInput(properties={"firstname": "Ann"}))
    assert changed.properties["firstname"] == "Ann"
    assert api.get_by_id("ann@x.io", id_property="email").id == made.id
    api.archive(made.id)
    with pytest.raises(ApiException):
        api.get_by_id(made.id)


def test_a_batch_is_upserted_and_a_partial_success_is_a_model_of_its_own(client):
    def upsert(*emails):
        inputs = [
            {"id": email, "idProperty": "email", "objectWriteTraceId": email, "properties": {"email": email}}
            for email in emails
        ]
        return client.crm.contacts.batch_api.upsert(BatchInputSimplePublicObjectBatchInputUpsert(inputs=inputs))

    assert upsert("ann@x.io").results[0].new is True
    partial = upsert("ann@x.io", "nope")
    assert (partial.num_errors, len(partial.results)) == (1, 1)
    assert partial.errors[0].context["objectWriteTraceId"] == ["nope"]


def test_batch_read_and_search_answer_models(client):
    request = BatchReadInputSimplePublicObjectId(
        inputs=[{"id": "1000101"}], properties=["company"], properties_with_history=[]
    )
    assert client.crm.contacts.batch_api.read(request).results[0].properties["company"]
    found = client.crm.contacts.search_api.do_search(PublicObjectSearchRequest(limit=5, sorts=["hs_object_id"]))
    assert (found.total, len(found.results), found.paging.next.after) == (1_000, 5, "5")


def test_properties_and_tokens_are_understood(client, sandbox):
    names = {one.name for one in client.crm.properties.core_api.get_all("contacts").results}
    oauth = sandbox.credentials()["hubspot"]["oauth"]
    granted = client.oauth.tokens_api.create(
        grant_type="refresh_token",
        client_id=oauth["client_id"],
        client_secret=oauth["client_secret"],
        refresh_token=oauth["refresh_token"],
    )
    assert "lifecyclestage" in names
    assert granted.expires_in == 1_800
