"""Connections: list, add, edit, test, have the fields read, delete."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from integrations.adapters.registry import capabilities, platforms
from integrations.exceptions import RefusedTransitionError, SyncpanelError
from integrations.models import Connection
from integrations.orchestrator.connections import delete_connection, save_connection, test_connection
from integrations.orchestrator.field_readings import read_again
from integrations.queries.connections import list_connections, secrets_saved_at, show_connection
from integrations.queries.drifts import open_drifts
from integrations.queries.incoming import quiet_of
from integrations.queries.limits import connection_limits
from integrations.types import Capabilities, SignInMethod
from syncpanel.access import needs
from syncpanel.forms.connections import ConnectionForm, DeleteConnectionForm
from syncpanel.views.rendering import render_page
from syncpanel.words.drifts import note_of
from syncpanel.words.incoming import quiet_note


@require_GET
def connection_list(request: HttpRequest) -> HttpResponse:
    """Every connection with its state."""
    page = list_connections(after=request.GET.get("after", ""))
    limits = {
        card.connection.pk: card.daily or next(iter(card.limits), None) for card in connection_limits(timezone.now())
    }
    return render_page(request, "connections/list.html", context={"page": page, "limits": limits})


@require_GET
def connection_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One connection: what the last test found, what uses it, and how to delete it."""
    return _detail(request, pk)


def _detail(request: HttpRequest, pk: int, form: DeleteConnectionForm | None = None) -> HttpResponse:
    try:
        detail = show_connection(pk)
    except Connection.DoesNotExist as exc:
        raise Http404 from exc
    context = {"detail": detail, "connection": detail.connection, "form": form}
    now = timezone.now()
    context["drifts"] = [note_of(row) for row in open_drifts(connection=pk)]
    quiet = quiet_of(detail.connection, now)
    context["quiet"] = quiet_note(quiet, now) if quiet else None
    context["form"] = form or DeleteConnectionForm(connection=detail.connection)
    status = 422 if form else 200
    return render_page(
        request, "connections/detail.html", part="connections/_test.html", context=context, status=status
    )


@require_GET
@needs("integrations.add_connection")
def connection_add(request: HttpRequest) -> HttpResponse:
    """Which platform?"""
    choices = [capabilities(platform) for platform in platforms()]
    return render_page(request, "connections/choose.html", context={"platforms": choices})


@require_http_methods(["GET", "POST"])
@needs("integrations.add_connection")
def connection_create(request: HttpRequest, platform: str) -> HttpResponse:
    """The fields of that platform; then the new connection is tested on its page."""
    if platform not in platforms():
        raise Http404
    return _edit(request, None, capabilities(platform))


@require_http_methods(["GET", "POST"])
@needs("integrations.change_connection")
def connection_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """The same fields, filled in but for the secrets."""
    connection = get_object_or_404(Connection, pk=pk)
    return _edit(request, connection, capabilities(connection.platform))


def _edit(request: HttpRequest, connection: Connection | None, declared: Capabilities) -> HttpResponse:
    method = _method(declared, request.GET.get("method") or (connection.method if connection else ""))
    form = ConnectionForm(request.POST or None, declared=declared, method=method, connection=connection)
    if form.is_valid():
        saved = _save(request, form)
        messages.success(request, f"{saved.name} is saved. Test it to see that it works.")
        return redirect("connection-detail", saved.pk)
    saved_at = secrets_saved_at(connection) if connection else {}
    context = {"form": form, "declared": declared, "method": method, "connection": connection, "saved_at": saved_at}
    return render_page(request, "connections/edit.html", context=context, status=422 if form.is_bound else 200)


def _method(declared: Capabilities, name: str) -> SignInMethod:
    return next((method for method in declared.sign_in_methods if method.name == name), declared.sign_in_methods[0])


def _save(request: HttpRequest, form: ConnectionForm) -> Connection:
    return save_connection(
        form.connection,
        name=form.cleaned_data["name"],
        platform=form.declared.platform,
        method=form.method.name,
        settings=form.settings(),
        secrets=form.secrets(),
        tier=form.cleaned_data["tier"],
        reserve_percent=form.cleaned_data["reserve_percent"],
        share_samples=form.cleaned_data["share_samples"],
        actor=request.user.get_username(),
    )


@require_POST
@needs("integrations.operate_job")
def connection_test(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask the platform now; the page shows what worked, line by line."""
    connection = get_object_or_404(Connection.objects.only("pk", "name"), pk=pk)
    try:
        result = test_connection(pk, request.user.get_username())
    except RefusedTransitionError as refusal:
        messages.warning(request, refusal.message)
    except SyncpanelError as problem:
        messages.error(request, problem.message)
    else:
        if result.ok:
            messages.success(request, f"{connection.name} works.")
    return redirect("connection-detail", pk)


@require_POST
@needs("integrations.operate_job")
def connection_read(request: HttpRequest, pk: int) -> HttpResponse:
    """Have the fields that are in use read anew; a worker does it in a moment."""
    connection = get_object_or_404(Connection.objects.only("pk", "name"), pk=pk)
    read_again(pk)
    messages.success(request, f"The fields of {connection.name} are read anew. It takes a few seconds.")
    return redirect("connection-detail", pk)


@require_POST
@needs("integrations.delete_connection")
def connection_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Needs the name typed, and no sync that uses it."""
    connection = get_object_or_404(Connection.objects.only("pk", "name"), pk=pk)
    form = DeleteConnectionForm(request.POST, connection=connection)
    if not form.is_valid():
        return _detail(request, pk, form)
    try:
        delete_connection(pk, request.user.get_username())
    except RefusedTransitionError as refusal:
        form.add_error(None, refusal.message)
        return _detail(request, pk, form)
    messages.success(request, f"{connection.name} is deleted.")
    return redirect("connection-list")
