"""Segment's limits: calls a second that are sent, look-ups a second, questions a minute."""

from collections import defaultdict

from integrations.sandbox.clock import Clock
from integrations.sandbox.limits import RollingWindow
from integrations.sandbox.segment.errors import describe_public, refuse_profile
from integrations.sandbox.segment.options import Options
from integrations.sandbox.settings import Settings
from integrations.sandbox.wire import Refusal

LOOK_UPS_A_SECOND = 100
QUESTIONS_A_MINUTE = 60
TRAIT_LISTS_A_MINUTE = 25


class RateLimits:
    """Refuses the one call too many."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._tracking = RollingWindow(1)
        self._profiles = RollingWindow(1)
        self._public: dict[str, RollingWindow] = defaultdict(lambda: RollingWindow(60))

    def take_tracking(self) -> None:
        if self._may(self._tracking, self._settings.of(Options).segment_calls):
            return
        raise Refusal(429, {"success": False, "message": "Too many requests"}, waits(1))

    def take_profile(self) -> None:
        if not self._may(self._profiles, LOOK_UPS_A_SECOND):
            raise refuse_profile(429, "rate_limit_error", "Too many requests hit the API too quickly.")

    def take_public(self, path: str) -> None:
        """Each kind of question is counted alone."""
        most = TRAIT_LISTS_A_MINUTE if path.endswith("/traits") else QUESTIONS_A_MINUTE
        if not self._may(self._public[path], most):
            body = describe_public("rate-limit", "You have reached the rate limit of this endpoint.", 429)
            raise Refusal(429, body, {"Retry-After": "60"})

    def _may(self, window: RollingWindow, most: int) -> bool:
        return not self._settings.limits or window.take(most, self._clock.now())


def waits(seconds: int) -> dict[str, str]:
    """The two headers that say how long."""
    return {"Retry-After": str(seconds), "X-RateLimit-Reset": str(seconds)}
