"""The vendor's own client, google-analytics-data 0.23, works against the sandbox: by REST, over plain http, signed in by the
vendor's own sign-in library."""

import json

import pytest
from google.analytics.data_v1beta import BetaAnalyticsDataClient
from google.analytics.data_v1beta.services.beta_analytics_data.transports.rest import BetaAnalyticsDataRestTransport
from google.analytics.data_v1beta.types import (
    AudienceDimension,
    AudienceExport,
    BatchRunReportsRequest,
    CheckCompatibilityRequest,
    CreateAudienceExportRequest,
    DateRange,
    Dimension,
    Filter,
    FilterExpression,
    Metric,
    MetricType,
    OrderBy,
    QueryAudienceExportRequest,
    RunRealtimeReportRequest,
    RunReportRequest,
)
from google.api_core.exceptions import BadRequest, Forbidden, TooManyRequests
from google.oauth2 import service_account

from integrations.sandbox.google_analytics.credentials import PROPERTY
from tests.integrations.sandbox.google_analytics.conftest import lead

NAME = f"properties/{PROPERTY}"
SCOPES = ["https://www.googleapis.com/auth/analytics.readonly"]


@pytest.fixture
def client(sandbox):
    """The key file as Google makes it, but for the address of the token endpoint."""
    key = json.loads(sandbox.credentials()["google_analytics"]["service_account"])
    signed = service_account.Credentials.from_service_account_info(
        {**key, "token_uri": f"{sandbox.url}/token"}, scopes=SCOPES, always_use_jwt_access=False
    )
    host = sandbox.url.removeprefix("http://")
    return BetaAnalyticsDataClient(
        transport=BetaAnalyticsDataRestTransport(host=host, credentials=signed, url_scheme="http")
    )


def question(**more):
    return RunReportRequest(
        property=NAME,
        dimensions=[Dimension(name="date"), Dimension(name="sessionSource")],
        metrics=[Metric(name="sessions"), Metric(name="engagementRate")],
        date_ranges=[DateRange(start_date="7daysAgo", end_date="yesterday")],
        **more,
    )


def test_a_report_is_run_sorted_and_filtered(client):
    wanted = Filter.StringFilter(match_type=Filter.StringFilter.MatchType.EXACT, value="google")
    report = client.run_report(
        question(
            dimension_filter=FilterExpression(filter=Filter(field_name="sessionSource", string_filter=wanted)),
            order_bys=[OrderBy(dimension=OrderBy.DimensionOrderBy(dimension_name="date"), desc=True)],
            return_property_quota=True,
            limit=3,
        )
    )
    days = [row.dimension_values[0].value for row in report.rows]
    assert days == sorted(days, reverse=True) and len(days) == 3 < report.row_count
    assert {row.dimension_values[1].value for row in report.rows} == {"google"}
    assert report.metric_headers[1].type_ == MetricType.TYPE_FLOAT
    assert report.property_quota.tokens_per_day.remaining < 200_000


def test_several_reports_and_the_last_half_hour(client, collect):
    batch = client.batch_run_reports(BatchRunReportsRequest(property=NAME, requests=[question(), question()]))
    assert len(batch.reports) == 2
    collect(lead(1))
    lately = RunRealtimeReportRequest(
        property=NAME, dimensions=[Dimension(name="eventName")], metrics=[Metric(name="eventCount")]
    )
    assert client.run_realtime_report(lately).rows[0].dimension_values[0].value == "generate_lead"


def test_metadata_and_compatibility_are_understood(client):
    metadata = client.get_metadata(name=f"{NAME}/metadata")
    assert any(one.api_name == "sessions" and one.type_ == MetricType.TYPE_INTEGER for one in metadata.metrics)
    asked = CheckCompatibilityRequest(property=NAME, dimensions=[Dimension(name="itemName")], compatibility_filter=1)
    found = client.check_compatibility(asked).metric_compatibilities
    assert {one.metric_metadata.api_name for one in found} == {"itemsAddedToCart", "itemsPurchased", "itemRevenue"}


def test_a_list_of_an_audience_is_ordered_looked_at_and_read(client, control):
    control.post("/settings", json={"export_seconds": 600.0})
    export = AudienceExport(audience=f"{NAME}/audiences/78", dimensions=[AudienceDimension(dimension_name="userId")])
    client.create_audience_export(CreateAudienceExportRequest(parent=NAME, audience_export=export))
    (made,) = client.list_audience_exports(parent=NAME)
    assert made.state == AudienceExport.State.CREATING
    control.post("/clock", json={"advance_seconds": 601})
    assert client.get_audience_export(name=made.name).state == AudienceExport.State.ACTIVE
    page = client.query_audience_export(QueryAudienceExportRequest(name=made.name, limit=5))
    assert len(page.audience_rows) == 5 < page.row_count


def test_a_refusal_becomes_its_exception(client, control):
    with pytest.raises(BadRequest, match="not a valid dimension"):
        client.run_report(RunReportRequest(property=NAME, dimensions=[Dimension(name="foo")]))
    with pytest.raises(Forbidden):
        client.get_metadata(name="properties/999/metadata")
    control.post("/settings", json={"daily_used": {"google_analytics": 200_000}})
    with pytest.raises(TooManyRequests, match="tokens per day"):
        client.run_report(question())
