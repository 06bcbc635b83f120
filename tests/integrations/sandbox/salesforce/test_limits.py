"""The org's calls a day: told with every answer, and the end when they are used up."""


def test_every_answer_tells_the_usage_and_some_tell_more(salesforce):
    told = [salesforce.get("/limits").headers["Sforce-Limit-Info"] for _ in range(5)]
    assert told[0] == "api-usage=1/125000"
    assert told[4] == "api-usage=5/125000; api-bursts=1/750"


def test_a_used_up_day_refuses_until_it_rolls_on(salesforce, control):
    control.post("/settings", json={"daily_used": {"salesforce": 125_000}})
    refused = salesforce.get("/limits")
    assert refused.status_code == 403
    assert refused.json() == [{"message": "TotalRequests Limit exceeded.", "errorCode": "REQUEST_LIMIT_EXCEEDED"}]
    control.post("/clock", json={"advance_seconds": 3_600})
    assert salesforce.get("/limits").status_code == 403


def test_the_limits_call_tells_what_remains(salesforce):
    salesforce.get("/limits")
    assert salesforce.get("/limits").json()["DailyApiRequests"] == {"Max": 125_000, "Remaining": 124_998}


def test_without_limits_nothing_is_refused(salesforce, control):
    control.post("/settings", json={"limits": False, "daily_used": {"salesforce": 5_000_001}})
    assert salesforce.get("/limits").status_code == 200
