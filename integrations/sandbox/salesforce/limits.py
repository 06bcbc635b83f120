"""The org's daily calls. https://developer.salesforce.com/docs/atlas.en-us.salesforce_app_limits_cheatsheet.meta"""

from typing import Any

from integrations.sandbox.clock import Clock
from integrations.sandbox.limits import RollingWindow
from integrations.sandbox.salesforce.errors import refuse
from integrations.sandbox.salesforce.options import Options
from integrations.sandbox.settings import Settings

DAILY = {"developer": 15_000, "enterprise": 125_000, "unlimited": 225_000, "sandbox": 5_000_000}
"""Enterprise and unlimited with 25 licences."""
EVERY = 5


class DailyLimit:
    """A rolling day; every answer says how much of it is used."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings, self._options = settings, settings.of(Options)
        self._clock = clock
        self._window = RollingWindow(86_400)
        self._answers = 0

    @property
    def most(self) -> int:
        return DAILY[self._options.salesforce_tier if self._settings.limits else "sandbox"]

    def take(self) -> dict[str, str]:
        """Counts one call; returns the header of its answer."""
        now = self._clock.now()
        most = self.most if self._settings.limits else 10**12
        if not self._window.take(most, now):
            raise refuse(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
        self._answers += 1
        more = "; api-bursts=1/750" if self._options.bursts and self._answers % EVERY == 0 else ""
        return {"Sforce-Limit-Info": f"api-usage={self._window.used(now)}/{self.most}{more}"}

    def set_used(self, used: int) -> None:
        self._window.set_used(used, self._clock.now())

    def describe(self) -> dict[str, Any]:
        remaining = max(0, self.most - self._window.used(self._clock.now()))
        return {
            "DailyApiRequests": {"Max": self.most, "Remaining": remaining},
            "DailyBulkApiBatches": {"Max": 15_000, "Remaining": 15_000},
            "DailyBulkV2QueryJobs": {"Max": 10_000, "Remaining": 10_000},
            "DailyBulkV2QueryFileStorageMB": {"Max": 976_562, "Remaining": 976_562},
            "DataStorageMB": {"Max": 10_240, "Remaining": 9_000},
            "FileStorageMB": {"Max": 10_240, "Remaining": 10_240},
        }
