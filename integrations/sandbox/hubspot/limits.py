"""HubSpot's rate limits. https://developers.hubspot.com/docs/guides/apps/api-usage/usage-details"""

from dataclasses import dataclass

from integrations.sandbox.clock import Clock
from integrations.sandbox.hubspot.errors import describe_error
from integrations.sandbox.hubspot.options import Options
from integrations.sandbox.limits import DailyCounter, RollingWindow
from integrations.sandbox.settings import Settings
from integrations.sandbox.wire import Refusal

SEARCHES_A_SECOND = 5


@dataclass(frozen=True, slots=True)
class Tier:
    """Calls per ten seconds and app, and per day and account; OAuth apps have no daily limit."""

    burst: int
    daily: int | None


TIERS = {
    "free": Tier(100, 250_000),
    "starter": Tier(100, 250_000),
    "pro": Tier(190, 625_000),
    "enterprise": Tier(190, 1_000_000),
    "addon": Tier(250, 2_000_000),
    "oauth": Tier(110, None),
}

_MESSAGES = {
    "TEN_SECONDLY_ROLLING": "You have reached your ten_secondly_rolling limit.",
    "SECONDLY": "You have reached your secondly limit.",
    "DAILY": "You have reached your daily limit.",
}


def describe_rate_error(policy: str) -> dict[str, object]:
    error = describe_error(_MESSAGES.get(policy, _MESSAGES["TEN_SECONDLY_ROLLING"]), "RATE_LIMITS")
    return {**error, "errorType": "RATE_LIMIT", "policyName": policy, "requestId": error["correlationId"]}


class RateLimits:
    """Counts calls per app and per account, and refuses the one too many."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._bursts: dict[str, RollingWindow] = {}
        self._searches = RollingWindow(1)
        self.daily = DailyCounter()

    def tier_of(self, oauth: bool) -> Tier:
        return TIERS["oauth" if oauth else self._settings.of(Options).tier]

    def take(self, app: str, oauth: bool, search: bool) -> dict[str, str]:
        """Counts one call; returns the headers of its answer. Searches carry none."""
        tier, now = self.tier_of(oauth), self._clock.now()
        if not self._settings.limits:
            self.daily.take(10**9, now)
            return {}
        if search:
            self._take_search(tier, now)
            return {}
        return self._take_burst(app, tier, now)

    def _take_search(self, tier: Tier, now: float) -> None:
        if not self._searches.take(SEARCHES_A_SECOND, now):
            raise Refusal(429, describe_rate_error("SECONDLY"))
        self._take_daily(tier, now)

    def _take_burst(self, app: str, tier: Tier, now: float) -> dict[str, str]:
        window = self._bursts.setdefault(app, RollingWindow(10))
        if not window.take(tier.burst, now):
            raise Refusal(429, describe_rate_error("TEN_SECONDLY_ROLLING"), self._headers(tier, 0, now))
        self._take_daily(tier, now)
        return self._headers(tier, tier.burst - window.used(now), now)

    def _take_daily(self, tier: Tier, now: float) -> None:
        if tier.daily is not None and not self.daily.take(tier.daily, now):
            raise Refusal(429, describe_rate_error("DAILY"), self._headers(tier, 0, now))

    def _headers(self, tier: Tier, remaining: int, now: float) -> dict[str, str]:
        headers = {
            "X-HubSpot-RateLimit-Max": str(tier.burst),
            "X-HubSpot-RateLimit-Remaining": str(remaining),
            "X-HubSpot-RateLimit-Interval-Milliseconds": "10000",
        }
        if tier.daily is not None:
            headers["X-HubSpot-RateLimit-Daily"] = str(tier.daily)
            headers["X-HubSpot-RateLimit-Daily-Remaining"] = str(max(0, tier.daily - self.daily.used(now)))
        return headers
