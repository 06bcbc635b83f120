"""The test of a connection: what works, what is missing, and what Segment does not tell.

It says yes to any write key, and to events for the wrong region; both vanish. Only its Public API knows better.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace

from integrations.adapters.checking import Step, run_steps
from integrations.adapters.http import Ask, ErrorTable, PlatformClient
from integrations.adapters.segment.names import LABEL
from integrations.adapters.segment.places import BATCH
from integrations.adapters.segment.profiles import Profiles
from integrations.adapters.segment.public_api import PublicApi
from integrations.adapters.segment.writing import Writer
from integrations.exceptions import (
    BatchRefusedError,
    ConfigurationError,
    PermissionMissingError,
    SignInError,
)
from integrations.types import CheckLine, CheckResult, Credentials

UNKNOWN = (
    "Segment takes any write key and does not say whether it is right. After the first job look at the source's Debugger "
    "in Segment. With a Public API token we can make sure here."
)
NOT_LET_IN = "Segment does not accept the Public API token. Make another one, or look at the region."
NO_SUCH_KEY = "No source of this Segment workspace has this write key. Copy it again, and look at the region."
SWITCHED_OFF = "The source {name} is switched off in Segment, so it loses everything. Switch it on."


class Checks:
    """Tests one connection. `public` and `profiles` are None where no token was entered."""

    def __init__(
        self,
        credentials: Credentials,
        http: PlatformClient,
        tracking: str,
        writer: Writer,
        read_key: Callable[[], str],
        handle_error: ErrorTable,
    ) -> None:
        self._credentials = credentials
        self._http = http
        self._tracking = tracking
        self._writer = writer
        self._read_key = read_key
        self._handle_error = handle_error
        self._told: dict[str, str] = {}

    def run(self, public: PublicApi | None, space: str, profiles: Profiles | None) -> CheckResult:
        """Reach it, look at the write key, send nothing; then what else there is a token for."""
        lines = run_steps(self._steps(public, space, profiles), self._handle_error)
        if public is None:
            lines = tuple(self._doubt(line) for line in lines)
        source = self._told.get("source", "")
        facts = {"region": self._credentials.settings.get("region") or "us", **({"source": source} if source else {})}
        return CheckResult(lines, self._told.get("workspace", ""), self._told.get("id", ""), facts)

    def _steps(self, public: PublicApi | None, space: str, profiles: Profiles | None) -> Iterator[Step]:
        yield Step(f"Reach {LABEL}", self._reach, "Check the address and the region.")
        yield Step("Write key", lambda: self._look_at_key(public), "")
        yield Step("Send", self._send_nothing, "")
        if public is not None and space:
            yield Step("List traits", lambda: self._list_traits(public, space), "The token must see the space.")
        if profiles is not None:
            yield Step("Look up people", profiles.try_it, "The Profile API token must be one of this space.")

    def _doubt(self, line: CheckLine) -> CheckLine:
        return replace(line, is_sure=False, fix=UNKNOWN) if line.ok and line.label == "Write key" else line

    def _reach(self) -> None:
        """Any answer but a gateway's will do."""
        answer = self._http.send(Ask("GET", f"{self._tracking}{BATCH}", ""))
        if answer.status >= 500:
            raise self._handle_error(answer.response())

    def _look_at_key(self, public: PublicApi | None) -> None:
        key = self._read_key()
        if public is None:
            return
        try:
            found = next((source for source in public.sources() if key in source.write_keys), None)
            workspace = public.workspace()
        except (SignInError, PermissionMissingError) as problem:
            raise SignInError(NOT_LET_IN, technical=problem.technical) from problem
        if found is None:
            raise ConfigurationError(NO_SUCH_KEY, code="write_key")
        if not found.is_enabled:
            raise ConfigurationError(SWITCHED_OFF.format(name=found.name), code="write_key")
        self._told |= {"source": found.name, "workspace": str(workspace.get("name") or "")}
        self._told["id"] = str(workspace.get("id") or "")

    def _send_nothing(self) -> None:
        """A call without events shows whether we are let in, and is counted nowhere. To be told that it is empty will do."""
        try:
            self._writer.send([])
        except BatchRefusedError:
            return

    def _list_traits(self, public: PublicApi, space: str) -> None:
        next(public.traits(space, "users", count=1), None)
