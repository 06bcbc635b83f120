"""Reports: days that add up, pages, filters, what goes with what, tokens, and events that show up late."""

import pytest

from tests.integrations.sandbox.google_analytics.conftest import BASE, lead


def rows_of(answer):
    assert answer.status_code == 200, answer.text
    return [
        ([one["value"] for one in row.get("dimensionValues", [])], [one["value"] for one in row["metricValues"]])
        for row in answer.json().get("rows", [])
    ]


def message_of(answer, status=400):
    assert answer.status_code == status, answer.text
    return answer.json()["error"]["message"]


def test_a_report_has_headers_rows_and_the_zone_of_the_property(run_report):
    body = run_report("date", "sessionSource", metrics=("sessions", "engagementRate")).json()
    assert body["dimensionHeaders"] == [{"name": "date"}, {"name": "sessionSource"}]
    assert body["metricHeaders"][1] == {"name": "engagementRate", "type": "TYPE_FLOAT"}
    assert body["metadata"]["timeZone"] == "Europe/Berlin" and body["rowCount"] == len(body["rows"]) > 100
    assert len(body["rows"][0]["dimensionValues"][0]["value"]) == 8


def test_the_parts_add_up_to_the_whole(run_report):
    ((_, (whole,)),) = rows_of(run_report())
    parts = rows_of(run_report("date", "sessionDefaultChannelGroup"))
    assert sum(int(values[0]) for _, values in parts) == int(whole) > 1_000


def test_the_same_seed_has_the_same_days(run_report):
    assert rows_of(run_report("date")) == rows_of(run_report("date"))


def test_an_empty_report_has_neither_rows_nor_their_number(run_report):
    body = run_report("date", dateRanges=[{"startDate": "2016-01-01", "endDate": "2016-01-02"}]).json()
    assert "rows" not in body and "rowCount" not in body and body["dimensionHeaders"]


@pytest.mark.parametrize("as_text", [False, True])
def test_pages_are_cut_from_the_same_rows(run_report, as_text):
    order = [{"dimension": {"dimensionName": "date"}}, {"dimension": {"dimensionName": "country"}}]
    whole = rows_of(run_report("date", "country", orderBys=order))
    pages = []
    for offset in range(0, len(whole), 50):
        cut = {"offset": str(offset), "limit": "50"} if as_text else {"offset": offset, "limit": 50}
        pages += rows_of(run_report("date", "country", orderBys=order, **cut))
    assert pages == whole == sorted(whole, key=lambda row: row[0])


def test_rows_can_be_sorted_by_a_number_downwards(run_report):
    order = [{"metric": {"metricName": "sessions"}, "desc": True}]
    numbers = [int(values[0]) for _, values in rows_of(run_report("sessionSource", orderBys=order))]
    assert numbers == sorted(numbers, reverse=True)


@pytest.mark.parametrize(
    ("wanted", "sources"),
    [
        ({"filter": {"fieldName": "sessionSource", "stringFilter": {"value": "GOOGLE"}}}, {"google"}),
        ({"filter": {"fieldName": "sessionSource", "stringFilter": {"value": "GOOGLE", "caseSensitive": True}}}, set()),
        (
            {"filter": {"fieldName": "sessionSource", "stringFilter": {"matchType": "CONTAINS", "value": "linked"}}},
            {"linkedin", "linkedin.com"},
        ),
        ({"filter": {"fieldName": "sessionSource", "stringFilter": {"matchType": 2, "value": "bi"}}}, {"bing"}),
        (
            {"filter": {"fieldName": "sessionSource", "inListFilter": {"values": ["bing", "google"]}}},
            {"bing", "google"},
        ),
        (
            {
                "andGroup": {
                    "expressions": [
                        {"filter": {"fieldName": "sessionSource", "inListFilter": {"values": ["bing", "google"]}}},
                        {
                            "notExpression": {
                                "filter": {"fieldName": "sessionSource", "stringFilter": {"value": "bing"}}
                            }
                        },
                    ]
                }
            },
            {"google"},
        ),
        (
            {
                "orGroup": {
                    "expressions": [
                        {"filter": {"fieldName": "sessionSource", "stringFilter": {"value": "bing"}}},
                        {"filter": {"fieldName": "sessionMedium", "stringFilter": {"value": "email"}}},
                    ]
                }
            },
            {"bing", "newsletter"},
        ),
    ],
)
def test_filters_let_through_what_they_should(run_report, wanted, sources):
    assert {names[0] for names, _ in rows_of(run_report("sessionSource", dimensionFilter=wanted))} == sources


def test_numbers_can_be_filtered_too(run_report):
    more = {"fieldName": "sessions", "numericFilter": {"operation": "GREATER_THAN", "value": {"int64Value": "200"}}}
    numbers = [int(values[0]) for _, values in rows_of(run_report("sessionSource", metricFilter={"filter": more}))]
    assert numbers and min(numbers) > 200


@pytest.mark.parametrize(
    ("dimensions", "how", "words"),
    [
        (["foo"], {}, "Field foo is not a valid dimension. For a list"),
        (["date"], {"metrics": ("bar",)}, "Field bar is not a valid metric.  For a list"),
        (["itemName"], {"metrics": ("sessions",)}, "Please remove sessions to make the request compatible"),
        (["date"], {"metrics": ("advertiserAdCost",)}, "Please add sessionCampaignName to make the request compatible"),
        (["date"] * 10, {}, "9 dimensions"),
        (["date"], {"metrics": ("sessions",) * 11}, "10 metrics"),
        (["date"], {"dateRanges": [{"startDate": "2026-02-02", "endDate": "2026-02-01"}]}, "cannot be before"),
        (["date"], {"dateRanges": [{"startDate": "2015-01-01", "endDate": "today"}]}, "2015-08-14"),
        (["date"], {"dateRanges": [{"startDate": "soon", "endDate": "today"}]}, "not a date"),
        (["date"], {"dateRanges": []}, "date range"),
    ],
)
def test_what_google_does_not_answer_is_refused_in_its_words(run_report, dimensions, how, words):
    assert words in message_of(run_report(*dimensions, **how))


def test_several_reports_come_at_once(reader):
    one = {"metrics": [{"name": "sessions"}], "dateRanges": [{"startDate": "7daysAgo", "endDate": "today"}]}
    assert len(reader.post(f"{BASE}:batchRunReports", json={"requests": [one, one]}).json()["reports"]) == 2
    assert "at most 5" in message_of(reader.post(f"{BASE}:batchRunReports", json={"requests": [one] * 6}))


def test_the_metadata_names_all_there_is(reader):
    body = reader.get(f"{BASE}/metadata").json()
    assert body["name"] == f"{BASE.removeprefix('/v1beta/')}/metadata"
    assert {"apiName", "uiName", "description", "type", "category"} <= set(body["metrics"][0])
    assert any(one.get("customDefinition") for one in body["dimensions"])


@pytest.mark.parametrize("asked", ["COMPATIBLE", 1])
def test_compatibility_leaves_out_what_does_not_go_with_it(reader, asked):
    body = {"dimensions": [{"name": "date"}, {"name": "itemName"}], "compatibilityFilter": asked}
    found = reader.post(f"{BASE}:checkCompatibility", json=body).json()["metricCompatibilities"]
    assert {one["metricMetadata"]["apiName"] for one in found} == {"itemsAddedToCart", "itemsPurchased", "itemRevenue"}


class TestEvents:
    """What was sent shows up: at once in realtime, later in reports."""

    def lately(self, reader):
        body = {"dimensions": [{"name": "eventName"}], "metrics": [{"name": "eventCount"}]}
        return {
            names[0]: int(values[0]) for names, values in rows_of(reader.post(f"{BASE}:runRealtimeReport", json=body))
        }

    def test_events_of_a_visit_are_seen_at_once_for_half_an_hour(self, collect, reader, control):
        collect(lead(1), lead(2), {"name": "silent", "params": {"event_id": "e3"}})
        collect(lead(4), secret="wrong")
        assert self.lately(reader) == {"generate_lead": 2}
        control.post("/clock", json={"advance_seconds": 1_801})
        assert self.lately(reader) == {}

    def test_realtime_knows_little_else(self, reader):
        body = {"dimensions": [{"name": "sessionSource"}], "metrics": [{"name": "eventCount"}]}
        assert "not a valid dimension" in message_of(reader.post(f"{BASE}:runRealtimeReport", json=body))

    def test_reports_count_them_after_a_while(self, collect, run_report, control):
        control.post("/settings", json={"report_lag": 1_000.0})
        collect({"name": "close_deal", "params": {"event_id": "e1", "crm_stage": "won"}})
        asked = {"metrics": ("eventCount",), "dateRanges": [{"startDate": "yesterday", "endDate": "today"}]}

        def stages():
            return {names[0] for names, _ in rows_of(run_report("customEvent:crm_stage", **asked))}

        assert "won" not in stages()
        control.post("/clock", json={"advance_seconds": 1_001})
        assert "won" in stages()


class TestTokens:
    def test_every_answer_says_what_is_left_if_one_asks(self, run_report):
        first, second = (run_report("date").json()["propertyQuota"]["tokensPerDay"] for _ in range(2))
        assert first["remaining"] - second["remaining"] == second["consumed"] > 0
        assert "propertyQuota" not in run_report("date", returnPropertyQuota=False).json()

    def test_a_property_of_analytics_360_has_ten_times_as_much(self, run_report, control):
        control.post("/settings", json={"analytics_tier": "premium"})
        assert run_report("date").json()["propertyQuota"]["tokensPerDay"]["remaining"] > 1_900_000

    def test_the_tokens_of_a_day_come_back_at_midnight_in_california(self, run_report, control):
        control.post("/settings", json={"daily_used": {"google_analytics": 200_000}})
        assert "tokens per day" in message_of(run_report("date"), 429)

    @pytest.mark.parametrize(
        ("policy", "words"),
        [
            ("", "concurrent requests"),
            ("day", "property tokens per day"),
            ("hour", "property tokens per hour"),
            ("project", "tokens for a project per hour"),
            ("errors", "server errors"),
            ("thresholded", "potentially thresholded"),
        ],
    )
    def test_each_quota_has_its_message(self, run_report, control, policy, words):
        fault = {"platform": "google_analytics", "kind": "status", "status": 429, "policy": policy}
        control.post("/faults", json=fault)
        assert words in message_of(run_report("date"), 429)

    def test_an_hour_has_fewer_tokens_than_its_reports_want(self, run_report, control, reader):
        order = {"audience": "properties/1/audiences/77", "dimensions": [{"dimensionName": "userId"}]}
        statuses = [reader.post(f"{BASE}/audienceExports", json=order).status_code for _ in range(720)]
        assert statuses[0] == 200 and statuses[-1] == 429
        assert "for a project per hour" in message_of(run_report("date"), 429)
