"""How a platform is told to call us: the address of a connection, the secrets its calls are checked with, and silence."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from integrations.exceptions import RefusedTransitionError
from integrations.models import Connection
from integrations.queries.incoming import Source, saved_secrets, source_of_events
from integrations.webhooks.commands import expect_silence, give_address, save_webhook_secrets
from syncpanel.access import needs
from syncpanel.forms.webhooks import WebhookSecretsForm
from syncpanel.views.deliveries import address_for
from syncpanel.views.rendering import render_page
from syncpanel.words.incoming import reach_note, setup_steps


@require_http_methods(["GET", "POST"])
@needs("integrations.change_connection")
def connection_incoming(request: HttpRequest, pk: int) -> HttpResponse:
    """Step by step what to do over there, with the address, and the secrets to enter here."""
    source = _source(pk)
    webhook = source.platform.webhook
    assert webhook is not None
    form = WebhookSecretsForm(request.POST or None, setup=webhook.setup, saved=saved_secrets(pk))
    if form.is_valid():
        save_webhook_secrets(pk, form.secrets(), request.user.get_username())
        messages.success(request, "Saved. Calls are checked with it within seconds.")
        return redirect("connection-incoming", pk)
    address = address_for(request, source)
    context: dict[str, Any] = {
        "source": source,
        "connection": source.connection,
        "address": address,
        "steps": setup_steps(webhook.setup, address),
        "note": webhook.setup.note,
        "reach": reach_note(address, source.platform.label),
        "form": form,
    }
    return render_page(request, "connections/incoming.html", context=context, status=422 if form.is_bound else 200)


@require_POST
@needs("integrations.change_connection")
def connection_address(request: HttpRequest, pk: int) -> HttpResponse:
    """A first address, or another one; the old one stops working within seconds."""
    source = _source(pk)
    give_address(pk, request.user.get_username())
    messages.success(
        request,
        f"There is a new address. Change it in {source.platform.label} too: the old one does not answer any more."
        if source.address
        else f"{source.connection.name} has an address now. Follow the steps to have it called.",
    )
    return redirect("connection-incoming", pk)


@require_POST
@needs("integrations.operate_job")
def connection_quiet(request: HttpRequest, pk: int) -> HttpResponse:
    """Silence is to be expected for so many days; none at all: tell me again."""
    source, days = _source(pk), request.POST.get("days", "")
    try:
        expect_silence(
            pk, int(days) if days.isascii() and days.isdigit() and len(days) < 4 else -1, request.user.get_username()
        )
    except RefusedTransitionError as refusal:
        messages.warning(request, refusal.message)
    else:
        said = (
            "Nobody is told for now that nothing comes from"
            if int(days)
            else "You are told again when nothing comes from"
        )
        messages.success(request, f"{said} {source.connection.name}.")
    return redirect(f"{reverse('delivery-list')}?source={pk}")


def _source(pk: int) -> Source:
    try:
        return source_of_events(pk, timezone.now())
    except Connection.DoesNotExist as exc:
        raise Http404 from exc
