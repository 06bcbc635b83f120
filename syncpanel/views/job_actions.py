"""What a person may ask of a job: each view is one command of the engine, one message, and the way back."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from integrations.exceptions import RefusedTransitionError, StaleVersionError
from integrations.orchestrator import commands
from syncpanel.access import needs

AT_ONCE = "Somebody else changed it at the same moment. Have a look, then try again if it is still needed."


def asked(request: HttpRequest, command: Callable[[], object], said: str) -> bool:
    """Carry out a command and say so; a refusal is said too. True when it was carried out."""
    try:
        command()
    except StaleVersionError:
        messages.warning(request, AT_ONCE)
        return False
    except RefusedTransitionError as refusal:
        messages.warning(request, refusal.message)
        return False
    messages.success(request, said)
    return True


@require_POST
@needs("integrations.operate_job")
def job_pause(request: HttpRequest, pk: int) -> HttpResponse:
    """Pause at the next batch edge."""
    asked(request, lambda: commands.pause_job(pk, request.user.get_username()), "It pauses at the next batch edge.")
    return redirect("job-detail", pk)


@require_POST
@needs("integrations.operate_job")
def job_resume(request: HttpRequest, pk: int) -> HttpResponse:
    """Go on from the checkpoint; `in_doubt` answers for a batch nobody knows the outcome of."""
    answer = request.POST.get("in_doubt", "")
    actor = request.user.get_username()
    asked(request, lambda: commands.resume_job(pk, actor, in_doubt=answer), "Resumed from where it stopped.")
    return redirect("job-detail", pk)


@require_POST
@needs("integrations.operate_job")
def job_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Cancel; what was sent stays."""
    said = "Cancelled. Nothing more is sent after the batch under way."
    asked(request, lambda: commands.cancel_job(pk, request.user.get_username()), said)
    return redirect("job-detail", pk)


@require_POST
@needs("integrations.operate_job")
def job_release(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a held job go on to uploading; with `departed`, but leave those who left as they are."""
    actor, spares = request.user.get_username(), request.POST.get("departed") == "spare"
    said = "Released. Those who left stay as they are." if spares else "Released. Uploading begins."
    asked(request, lambda: commands.release_job(pk, actor, spares_departed=spares), said)
    return redirect("job-detail", pk)


@require_POST
@needs("integrations.operate_job")
def job_restart(request: HttpRequest, pk: int) -> HttpResponse:
    """Cancel and start anew; leads to the new job."""
    started: list[int] = []

    def start() -> None:
        started.append(commands.start_over(pk, request.user.get_username()).pk)

    asked(request, start, "Started over from the beginning.")
    return redirect("job-detail", started[0] if started else pk)
