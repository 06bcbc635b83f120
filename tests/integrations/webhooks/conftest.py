"""The simulated platforms, and the demo's sync between them."""

from tests.integrations.orchestrator.conftest import run_job, sandbox, sync

__all__ = ["run_job", "sandbox", "sync"]
