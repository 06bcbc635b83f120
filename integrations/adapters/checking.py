"""The skeleton of a connection test: steps in order, each with a plain fix; after a failure the rest is not tried."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from integrations.adapters.deadline import seconds_left
from integrations.exceptions import QuotaWaitError, SyncpanelError, TransientError
from integrations.types import CheckLine

NOT_TRIED = "Not tried yet: mend the line above first."
OUT_OF_TIME = "No answer came in the time a test may take. Try again in a few minutes."


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the test. `fix` is shown when the platform says no; trouble of its own has its own words."""

    label: str
    run: Callable[[], object]
    fix: str


def run_steps(steps: Iterable[Step], handle_error: Callable[[Exception], SyncpanelError]) -> tuple[CheckLine, ...]:
    """Every step becomes a line. Never raises."""
    lines: list[CheckLine] = []
    for step in steps:
        if lines and not lines[-1].ok:
            lines.append(CheckLine(step.label, False, NOT_TRIED, is_tried=False))
        else:
            lines.append(_run(step, handle_error))
    return tuple(lines)


def _run(step: Step, handle_error: Callable[[Exception], SyncpanelError]) -> CheckLine:
    try:
        step.run()
    except Exception as exc:  # a test is there to find out what goes wrong, whatever it is
        return _explain(step, exc if isinstance(exc, SyncpanelError) else handle_error(exc))
    return CheckLine(step.label, True)


def _explain(step: Step, error: SyncpanelError) -> CheckLine:
    if not seconds_left(1.0):
        return CheckLine(step.label, False, OUT_OF_TIME, error.technical)
    if isinstance(error, TransientError | QuotaWaitError):
        return CheckLine(step.label, False, f"{error.message} Try again in a few minutes.", error.technical)
    return CheckLine(step.label, False, f"{error.message} {step.fix}".strip(), error.technical)
