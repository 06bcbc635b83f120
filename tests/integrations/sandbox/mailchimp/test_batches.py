"""Batches: handed in, waited for, carried out in an order of their own, told by an archive."""

import httpx
import orjson
import pytest

from integrations.adapters.mailchimp.result_files import read_results
from integrations.sandbox.mailchimp.member import hash_email
from tests.integrations.sandbox.conftest import TLS
from tests.integrations.sandbox.mailchimp.conftest import EASY, MEMBERS


def put(email, operation_id="", **body):
    text = orjson.dumps({"email_address": email, "status_if_new": "subscribed", **body}).decode()
    path = f"{MEMBERS}/{hash_email(email)}"
    return {"method": "PUT", "path": path, "params": EASY, "body": text, "operation_id": operation_id}


@pytest.fixture
def hand_in(mailchimp):
    return lambda *operations: mailchimp.post("/batches", json={"operations": list(operations)})


def test_a_batch_goes_through_its_states_and_is_carried_out(hand_in, mailchimp, control):
    batch = hand_in(*[put(f"p{i}@x.io", f"row-{i}") for i in range(1_100)]).json()
    assert (batch["status"], batch["response_body_url"], batch["total_operations"]) == ("pending", "", 0)
    seen = []
    for _ in range(8):
        seen.append(mailchimp.get(f"/batches/{batch['id']}").json()["status"])
        control.post("/clock", json={"advance_seconds": 0.15})
    assert seen[-1] == "finished" and len(set(seen)) >= 3
    done = mailchimp.get(f"/batches/{batch['id']}").json()
    assert (done["total_operations"], done["finished_operations"], done["errored_operations"]) == (1_100, 1_100, 0)
    rows = list(read_results(httpx.get(done["response_body_url"], verify=TLS).content))
    ids = [row["operation_id"] for row in rows]
    assert sorted(ids) == sorted(f"row-{i}" for i in range(1_100)) and ids != [f"row-{i}" for i in range(1_100)]
    assert orjson.loads(rows[0]["response"])["status"] == "subscribed"


def test_mistakes_show_only_in_the_results(hand_in, mailchimp, control):
    operations = [put("nope", "a"), {"method": "PUT", "path": "/lits/x", "operation_id": "b"}]
    batch = hand_in(*operations, {"method": "GET", "path": f"{MEMBERS}?count=2", "operation_id": "c"}).json()
    control.post("/clock", json={"advance_seconds": 2})
    done = mailchimp.get(f"/batches/{batch['id']}").json()
    rows = read_results(httpx.get(done["response_body_url"], verify=TLS).content)
    assert {row["operation_id"]: row["status_code"] for row in rows} == {"a": 400, "b": 404, "c": 200}
    assert done["errored_operations"] == 2


@pytest.mark.parametrize(
    "operations",
    [[], [{"method": "PUT"}], [{"method": "LOOK", "path": "/x"}], [{"method": "PUT", "path": "/x", "body": {}}], [7]],
)
def test_what_is_no_batch_is_refused(hand_in, operations):
    assert hand_in(*operations).status_code == 400


def test_the_link_is_good_for_ten_minutes_and_without_sign_in_only(hand_in, mailchimp, control):
    batch = hand_in(put("ann@x.io")).json()
    control.post("/clock", json={"advance_seconds": 2})
    url = mailchimp.get(f"/batches/{batch['id']}").json()["response_body_url"]
    assert httpx.get(url, verify=TLS).status_code == 200
    assert mailchimp.get(url).status_code == 400
    assert httpx.get(url.partition("?")[0], verify=TLS).status_code == 403
    control.post("/clock", json={"advance_seconds": 601})
    assert httpx.get(url, verify=TLS).status_code == 403
    fresh = mailchimp.get(f"/batches/{batch['id']}").json()["response_body_url"]
    assert httpx.get(fresh, verify=TLS).status_code == 200


def test_a_batch_that_is_stopped_is_never_carried_out(hand_in, mailchimp, control):
    batch = hand_in(put("ann@x.io")).json()
    assert mailchimp.get("/batches").json()["total_items"] == 1
    assert mailchimp.delete(f"/batches/{batch['id']}").status_code == 204
    control.post("/clock", json={"advance_seconds": 2})
    assert mailchimp.get(f"/batches/{batch['id']}").status_code == 404
    assert mailchimp.get(f"{MEMBERS}/ann@x.io").status_code == 404


def test_five_hundred_waiting_batches_are_the_most(hand_in, control):
    control.post("/settings", json={"mailchimp_batch_delay": 600})
    for i in range(500):
        assert hand_in(put(f"p{i}@x.io")).status_code == 200
    assert hand_in(put("ann@x.io")).status_code == 429
