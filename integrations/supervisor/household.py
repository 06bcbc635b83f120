"""Which children one host runs, and how each shows that it lives."""

import os
import signal
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings

from integrations.orchestrator.leases import group_name
from integrations.supervisor.child import Child
from integrations.supervisor.probes import BeatProbe, Probe, http_probe

WORKER_GRACE = 40.0
GRACE = 8.0
CHECKED = ("--skip-checks",)
"""Who starts them has made the checks; made again in each, they take as long as all the rest of a start."""


@dataclass(frozen=True, slots=True)
class Household:
    """What to run here. `sandbox` is the arguments of `manage.py sandbox`, or None."""

    host: str
    port: int
    workers: int
    has_web: bool = True
    sandbox_port: int = 0
    sandbox: tuple[str, ...] | None = None

    def members(self) -> Iterator[tuple[Child, Probe]]:
        """The children in the order they start."""
        if self.sandbox is not None:
            yield self._sandbox(self.sandbox)
        if self.has_web:
            yield self._web()
        for number in range(1, self.workers + 1):
            yield self._worker(f"worker-{number}")
        yield self._beat()

    @property
    def address(self) -> tuple[str, int]:
        """Where the web server is reached from this host."""
        return ("127.0.0.1" if self.host in {"", "0.0.0.0", "::"} else self.host), self.port  # noqa: S104 compared, not bound

    def _web(self) -> tuple[Child, Probe]:
        module, _, name = settings.WSGI_APPLICATION.rpartition(".")
        argv = [sys.executable, "-m", "gunicorn", "-c", settings.GUNICORN_CONFIG, f"{module}:{name}"]
        environ = {"HOST": self.host, "PORT": str(self.port), **self._environ("web")}
        return Child("web", argv, GRACE, environ), http_probe(*self.address, "/healthz?only=web", _allowed_name())

    def _worker(self, name: str) -> tuple[Child, Probe]:
        child = Child(
            name, _command("worker", *CHECKED), WORKER_GRACE, self._environ(name), orphan_signal=signal.SIGTERM
        )  # a worker may finish its batch when we are killed; nobody else has anything to finish
        return child, BeatProbe(self._group(name))

    def _beat(self) -> tuple[Child, Probe]:
        return Child("beat", _command("run_beat", *CHECKED), GRACE, self._environ("beat")), BeatProbe(
            self._group("beat")
        )

    def _sandbox(self, arguments: tuple[str, ...]) -> tuple[Child, Probe]:
        argv = _command("sandbox", "--port", str(self.sandbox_port), *arguments)
        child = Child("sandbox", argv, GRACE, self._environ("sandbox"), stops_last=True)
        return child, http_probe("127.0.0.1", self.sandbox_port, "/_control/credentials")

    def _environ(self, name: str) -> dict[str, str]:
        path = os.pathsep.join(filter(None, [str(settings.BASE_DIR), os.environ.get("PYTHONPATH")]))
        return {"SYNCPANEL_GROUP": f"{name}@{self.port}", "PYTHONPATH": path}

    def _group(self, name: str) -> str:
        """The name under which a child of ours writes its beats."""
        return group_name(f"{name}@{self.port}")


def _allowed_name() -> str:
    """A name the web server answers to: asked by another, it would complain in the log every few seconds."""
    names = [name.removeprefix(".") for name in settings.ALLOWED_HOSTS if name != "*"]
    return names[0] if names else ""


def _command(name: str, *arguments: str) -> list[str]:
    return [sys.executable, str(settings.BASE_DIR / "manage.py"), name, *arguments]
