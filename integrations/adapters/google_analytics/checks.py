"""The test of a connection: what works on each of its two sides, what is missing, and what nobody can know.

https://developers.google.com/analytics/devguides/collection/protocol/ga4/validating-events

Google's validation server looks at the form of an event, records nothing, and takes no notice of the secret. That a secret
is wrong shows nowhere: such events vanish. Only a real event that is found again proves that events arrive.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from integrations.adapters.checking import NOT_TRIED, Step, run_steps
from integrations.adapters.google_analytics.declaration import LABEL, YES
from integrations.adapters.google_analytics.places import read_stream, reads_reports, sends_events
from integrations.adapters.google_analytics.property import Property
from integrations.adapters.google_analytics.signin import read_key
from integrations.adapters.google_analytics.writing import COLLECT_PATH, Writer
from integrations.adapters.http import Ask, PlatformClient
from integrations.adapters.wire import dump_json
from integrations.exceptions import ConfigurationError, SignInError, SyncpanelError
from integrations.types import CheckLine, Credentials

DEBUG_PATH = f"/debug{COLLECT_PATH}"
MARKER = "syncpanel_test"
CLIENT = "1000000000.1000000000"

ARRIVE = "Events arrive"
UNKNOWN = (
    "Sent, but Google does not tell us whether it arrived: it takes a wrong secret without a word. "
    "Look in Analytics under Admin, DebugView, or in the Realtime report, after the first job."
)
NOT_SEEN = (
    "The test event was sent, and Google does not show it yet. Test again in a minute. If it never shows up, the "
    "secret or the measurement ID is wrong, or of another stream: Google takes both without a word."
)


class Checks:
    """Tests one connection."""

    def __init__(
        self,
        credentials: Credentials,
        http: PlatformClient,
        prop: Property,
        writer: Writer,
        sign_in: Callable[[], object],
        reach: str,
        handle_error: Callable[[Any], SyncpanelError],
    ) -> None:
        self._credentials = credentials
        self._settings: Mapping[str, str] = credentials.settings
        self._http = http
        self._property = prop
        self._writer = writer
        self._sign_in = sign_in
        self._reach_url = reach
        self._handle_error = handle_error

    def run(self) -> tuple[CheckLine, ...]:
        """Reach it; the reading side, if there is one; the sending side, if there is one."""
        reads, sends = reads_reports(self._credentials.method), sends_events(self._settings)
        steps = [Step(f"Reach {LABEL}", self._reach, "Check the address.")]
        if reads:
            steps += [Step("Sign in", self._sign_in, ""), Step("Read the property", self._read, self._how_to_read())]
        if sends or not reads:
            steps += [
                Step("Measurement ID and secret", self._look_at_stream, ""),
                Step("Google understands our events", self._validate, ""),
            ]
        lines = run_steps(steps, self._handle_error)
        return (*lines, self._prove(lines, reads)) if sends or not reads else lines

    def _reach(self) -> None:
        """Any answer but a gateway's will do."""
        answer = self._http.send(Ask("GET", self._reach_url, ""))
        if answer.status >= 500:
            raise self._handle_error(answer.response())

    def _read(self) -> None:
        self._property.describe()

    def _how_to_read(self) -> str:
        """Whom to give the right to, if that can be told."""
        if self._credentials.method != "service_account":
            return ""
        try:
            return f"Its address is {read_key(self._credentials)['client_email']}."
        except SignInError:
            return ""

    def _look_at_stream(self) -> None:
        read_stream(self._settings)
        self._writer.read_query()

    def _validate(self) -> None:
        """The strict way: what is allowed there is allowed everywhere."""
        body = {**_marker(), "validation_behavior": "ENFORCE_RECOMMENDATIONS"}
        answer = self._writer.send(dump_json(body), DEBUG_PATH, is_write=False)
        found = self._http.read_json(answer)
        messages = found.get("validationMessages") if isinstance(found, dict) else None
        if messages:
            told = str(messages[0].get("description") or "") if isinstance(messages[0], dict) else ""
            raise ConfigurationError(f"{LABEL} does not accept our test event.", code="refused", technical=told[:300])

    def _prove(self, lines: tuple[CheckLine, ...], reads: bool) -> CheckLine:
        """Sends a real event only where the person wants that; found again, it proves everything."""
        if not lines[-1].ok:
            return CheckLine(ARRIVE, False, NOT_TRIED, is_tried=False)
        if self._settings.get("test_event") != YES:
            return CheckLine(ARRIVE, True, UNKNOWN, is_sure=False)
        seen: list[int] = []
        step = Step(ARRIVE, lambda: seen.append(self._send_marker(look=reads)), "")
        line = run_steps([step], self._handle_error)[0]
        if not line.ok or any(seen):
            return line
        return replace(line, fix=NOT_SEEN if reads else UNKNOWN, is_sure=False)

    def _send_marker(self, *, look: bool) -> int:
        """How often Google has seen it in the last half hour: that of an earlier test tells as much."""
        self._writer.send(dump_json(_marker()))
        return self._property.count_lately(MARKER) if look else 0


def _marker() -> dict[str, Any]:
    """The least that shows up in the Realtime report."""
    params = {"session_id": "1000000000", "engagement_time_msec": 1}
    return {"client_id": CLIENT, "events": [{"name": MARKER, "params": params}]}
