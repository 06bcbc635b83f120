"""The account: who it is, and how much of the daily limit is used."""

from datetime import UTC, datetime, timedelta

from integrations.sandbox.clock import Clock, format_ms
from integrations.sandbox.hubspot import credentials
from integrations.sandbox.hubspot.limits import RateLimits
from integrations.sandbox.wire import Answer, Call, Route, answer_json


class AccountApi:
    """https://developers.hubspot.com/docs/api/settings/account-information-api"""

    def __init__(self, limits: RateLimits, clock: Clock) -> None:
        self._limits = limits
        self._clock = clock

    def routes(self) -> list[Route]:
        usage = "api-usage/daily/private-apps"
        return [
            *(Route("GET", f"/account-info/{version}/details", self.describe) for version in _VERSIONS),
            *(Route("GET", f"/account-info/{version}/{usage}", self.describe_usage) for version in _VERSIONS),
        ]

    def describe(self, call: Call) -> Answer:
        return answer_json(
            {
                "portalId": credentials.PORTAL_ID,
                "accountType": "STANDARD",
                "timeZone": "UTC",
                "companyCurrency": "EUR",
                "additionalCurrencies": [],
                "utcOffset": "+00:00",
                "utcOffsetMilliseconds": 0,
                "uiDomain": "app.hubspot.com",
                "dataHostingLocation": "na1",
            }
        )

    def describe_usage(self, call: Call) -> Answer:
        now = self._clock.now()
        midnight = datetime.fromtimestamp(now, UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        usage = {
            "name": "private-apps-api-calls-daily",
            "usageLimit": self._limits.tier_of(oauth=False).daily or 0,
            "currentUsage": self._limits.daily.used(now),
            "collectedAt": format_ms(int(now * 1_000)),
            "fetchStatus": "SUCCESS",
            "resetsAt": format_ms(int((midnight + timedelta(days=1)).timestamp() * 1_000)),
        }
        return answer_json({"results": [usage]})


_VERSIONS = ("v3", "2026-03", "2026-09")
