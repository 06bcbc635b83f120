"""The demo's switches: break a simulated platform, watch what happens, put it right again."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from integrations.adapters.registry import capabilities, platforms
from integrations.models import Sync
from integrations.queries.ends import destination_of
from integrations.sandbox.client import SandboxAwayError, SandboxClient
from integrations.sandbox.switches import CHANGE_EVERYBODY, CHANGE_EVERYBODY_EFFECT, Switch, switches
from syncpanel.access import needs
from syncpanel.views.rendering import is_unchanged, render_page, unchanged


def _client() -> SandboxClient:
    """Only the demo has a sandbox; elsewhere these pages do not exist."""
    if not settings.DEMO:
        raise Http404
    return SandboxClient(settings.SANDBOX_URL)


@require_GET
def sandbox(request: HttpRequest) -> HttpResponse:
    """The switches, and what the simulated destinations hold."""
    context = _state(_client())
    if is_unchanged(request, context["version"]):
        return unchanged()
    return render_page(request, "sandbox/page.html", part="sandbox/_live.html", context=context)


def _state(client: SandboxClient) -> dict[str, Any]:
    """Everything the page shows; `is_away` when the sandbox does not answer."""
    try:
        on, held, credentials = client.switched_on(), _held(client), client.credentials()
    except SandboxAwayError:
        return {"is_away": True, "version": "away", "groups": [], "held": []}
    return {
        "is_away": False,
        "groups": _grouped(on),
        "any_on": bool(on),
        "held": held,
        "credentials": _flat(credentials),
        "change_label": CHANGE_EVERYBODY,
        "change_effect": CHANGE_EVERYBODY_EFFECT,
        "version": "-".join([*sorted(on), *(str(number) for _, counts in held for number in counts.values())]),
    }


def _grouped(on: set[str]) -> list[tuple[str, str, list[tuple[Switch, bool]]]]:
    """The switches of each platform: (platform, its name on screen, switches with whether they are on)."""
    grouped: dict[str, list[tuple[Switch, bool]]] = {}
    for switch in switches():
        grouped.setdefault(switch.platform, []).append((switch, switch.name in on))
    return [(platform, capabilities(platform).label, ours) for platform, ours in grouped.items()]


def _held(client: SandboxClient) -> list[tuple[str, dict[str, int]]]:
    """What each object that a sync writes to holds over there: (name on screen, counts)."""
    ends = {(end.platform, end.object_name): end for end in map(destination_of, Sync.objects.with_ends())}
    held = [(f"{end.label} {end.things}", client.holdings(*where)) for where, end in sorted(ends.items())]
    return [(name, counts) for name, counts in held if counts]


def _flat(credentials: dict[str, dict[str, Any]]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Only the plain fields: groups of other ways to sign in are left to those who script."""
    plain = {
        capabilities(platform).label: [(name, text) for name, text in sorted(given.items()) if isinstance(text, str)]
        for platform, given in credentials.items()
        if platform in platforms()
    }
    return sorted(plain.items())


@require_POST
@needs("integrations.operate_job")
def sandbox_switch(request: HttpRequest, name: str) -> HttpResponse:
    """Turn one kind of trouble on or off."""
    client = _client()
    switch = next((one for one in switches() if one.name == name), None)
    if switch is None:
        raise Http404
    _set(request, client, switch, is_on=request.POST.get("on") == "1")
    return redirect("sandbox")


def _set(request: HttpRequest, client: SandboxClient, switch: Switch, *, is_on: bool) -> None:
    try:
        (client.turn_on if is_on else client.turn_off)(switch)
    except SandboxAwayError as problem:
        messages.error(request, str(problem))
    else:
        messages.success(request, f"{switch.label}: {'on' if is_on else 'off'}.")


@require_POST
@needs("integrations.operate_job")
def sandbox_change(request: HttpRequest) -> HttpResponse:
    """Change everybody at the source, so that there is a whole job to watch once more."""
    client = _client()
    try:
        changed = client.change_everybody(f"Changed at {timezone.localtime():%H:%M:%S}")
    except SandboxAwayError as problem:
        messages.error(request, str(problem))
    else:
        messages.success(request, f"{changed:,} contacts have a new job title. Start the sync again.")
    return redirect("sandbox")


@require_POST
@needs("integrations.operate_job")
def sandbox_calm(request: HttpRequest) -> HttpResponse:
    """Everything back to normal."""
    client = _client()
    try:
        client.turn_all_off()
    except SandboxAwayError as problem:
        messages.error(request, str(problem))
    else:
        messages.success(request, "Everything is back to normal.")
    return redirect("sandbox")
