"""Limits read from answers, in the forms platforms use."""

import httpx
import pytest

from integrations.rate_limits.headers import Told, read_headers
from integrations.rate_limits.registry import Headers

COUNTS = Headers(limit="X-HubSpot-RateLimit-Max", remaining="X-HubSpot-RateLimit-Remaining")
LISTED = Headers(usage="Sforce-Limit-Info", part="api-usage")


@pytest.mark.parametrize(
    ("rule", "headers", "limit", "used"),
    [
        (COUNTS, {"X-HubSpot-RateLimit-Max": "100", "X-HubSpot-RateLimit-Remaining": "98"}, 100, 2),
        (COUNTS, {"x-hubspot-ratelimit-max": "100", "x-hubspot-ratelimit-remaining": "0"}, 100, 100),
        (COUNTS, {"X-HubSpot-RateLimit-Max": "100", "X-HubSpot-RateLimit-Remaining": "120"}, 100, 0),
        (LISTED, {"Sforce-Limit-Info": "api-usage=10018/100000"}, 100_000, 10_018),
        (LISTED, {"Sforce-Limit-Info": "api-bursts=1/750; api-usage=18/5000"}, 5000, 18),
        (LISTED, {"Sforce-Limit-Info": "api-usage=18/5000; per-app-api-usage=17/250(appName=x)"}, 5000, 18),
        (LISTED, httpx.Headers({"sforce-limit-info": "api-usage=18/5000"}), 5000, 18),
    ],
)
def test_an_answer_tells_limit_and_use(rule, headers, limit, used):
    assert read_headers(headers, rule, 1.0) == Told(limit, used, 1.0)


@pytest.mark.parametrize(
    ("rule", "headers"),
    [
        (COUNTS, {}),
        (COUNTS, {"X-HubSpot-RateLimit-Max": "100"}),
        (COUNTS, {"X-HubSpot-RateLimit-Max": "many", "X-HubSpot-RateLimit-Remaining": "98"}),
        (COUNTS, {"X-HubSpot-RateLimit-Max": "0", "X-HubSpot-RateLimit-Remaining": "0"}),
        (COUNTS, {"X-HubSpot-RateLimit-Max": "-5", "X-HubSpot-RateLimit-Remaining": "-6"}),
        (COUNTS, {"X-HubSpot-RateLimit-Max": "9" * 400, "X-HubSpot-RateLimit-Remaining": "1"}),
        (LISTED, {"Sforce-Limit-Info": ""}),
        (LISTED, {"Sforce-Limit-Info": "per-app-api-usage=17/250(appName=x)"}),
        (LISTED, {"Sforce-Limit-Info": "api-usage=1/0"}),
        (LISTED, {"Sforce-Limit-Info": "api-usage=x/y"}),
    ],
)
def test_an_answer_that_says_nothing_useful_is_ignored(rule, headers):
    assert read_headers(headers, rule, 1.0) is None
