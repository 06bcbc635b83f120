"""The wizard: five steps from nothing to a sync that runs. Every step keeps what was chosen, complete or not."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from integrations.enums import Trigger
from integrations.exceptions import RefusedTransitionError, SyncpanelError
from integrations.models import Sync, SyncDraft
from integrations.orchestrator.commands import start_job
from integrations.orchestrator.drafts import create_mapping
from integrations.orchestrator.previews import count_people, fields_of, try_people
from integrations.orchestrator.schemas import known
from integrations.orchestrator.sync_drafts import (
    can_be_equal,
    copy_of,
    end_of,
    has_pairs_to_see,
    keep_choices,
    mapping_of,
    plan_from,
    problems_of,
    proposed_key,
    proposed_pairs,
    start_draft,
    timing_from,
    turn_on,
)
from integrations.orchestrator.timing import timetable_of
from integrations.queries.sync_drafts import my_drafts
from integrations.timetables import find_problem, next_slots
from syncpanel.access import needs
from syncpanel.forms.guards import GuardsForm
from syncpanel.forms.steps import StepForm
from syncpanel.forms.sync_start import WhenForm
from syncpanel.forms.sync_steps import EndsForm, FieldsForm, PairsForm, PeopleForm
from syncpanel.views.rendering import render_page
from syncpanel.words.previews import count_words, preview_cases
from syncpanel.words.sync_plan import sentence_of
from syncpanel.words.wizard import STEPS, draft_lines, next_step, steps_of

ADD = "integrations.add_sync"


@require_http_methods(["GET", "POST"])
@needs(ADD)
def sync_draft_create(request: HttpRequest) -> HttpResponse:
    """Start a new one, or go on with one that was not finished."""
    actor = request.user.get_username()
    if request.method == "POST":
        return redirect("sync-draft-step", start_draft(actor).pk, STEPS[0].name)
    return render_page(request, "sync_drafts/list.html", context={"lines": draft_lines(my_drafts(actor))})


@require_POST
@needs(ADD)
def sync_copy(request: HttpRequest, pk: int) -> HttpResponse:
    """A new one like this one, to be changed and turned on."""
    sync = get_object_or_404(Sync.objects.with_ends(), pk=pk)
    draft = start_draft(request.user.get_username(), copy_of(sync))
    return redirect("sync-draft-step", draft.pk, STEPS[0].name)


@require_POST
@needs(ADD)
def sync_draft_discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget an unfinished one."""
    _draft(request, pk).delete()
    messages.success(request, "Discarded. Nothing was turned on.")
    return redirect("sync-draft-create")


@require_http_methods(["GET", "POST"])
@needs(ADD)
def sync_draft_step(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    """One step. With `autosave` only what is valid is kept, and the sentence comes back."""
    draft = _draft(request, pk)
    if step not in FORMS:
        raise Http404
    if step != STEPS[0].name and not (end_of(draft, "source") and end_of(draft, "destination")):
        return redirect("sync-draft-step", pk, STEPS[0].name)
    forms, note = FORMS[step](request, draft)
    if request.method == "POST":
        return _posted(request, draft, step, forms, note)
    return _show(request, draft, step, forms, note)


def _posted(request: HttpRequest, draft: SyncDraft, step: str, forms: list[StepForm], note: str) -> HttpResponse:
    is_complete = not any(form.errors for form in forms)
    try:
        for form in forms:
            draft = keep_choices(draft.pk, form.choices())
    except RefusedTransitionError as refusal:
        messages.warning(request, refusal.message)
        return redirect("sync-list")
    if request.POST.get("autosave"):
        context = {"draft": draft, "sentence": sentence_of(draft), **EXTRAS.get(step, lambda _draft: {})(draft)}
        return render_page(request, "sync_drafts/_kept.html", part="sync_drafts/_kept.html", context=context)
    to = request.POST.get("to", "") if request.POST.get("to") in FORMS else ""
    if request.POST.get("stay") or (is_complete and not to and step == "fields" and has_pairs_to_see(draft)):
        return redirect("sync-draft-step", draft.pk, step)
    if is_complete:
        return redirect("sync-draft-step", draft.pk, to or next_step(step))
    return _show(request, draft, step, forms, note, status=422)


def _show(
    request: HttpRequest, draft: SyncDraft, step: str, forms: list[StepForm], note: str, status: int = 200
) -> HttpResponse:
    problems = problems_of(draft)
    context = {
        "draft": draft,
        "step": step,
        "steps": steps_of(draft, step, problems),
        "sentence": sentence_of(draft),
        "form": forms[0] if forms else None,
        "more_forms": forms[1:],
        "note": note,
        "problems": problems,
        "next": next_step(step),
        **EXTRAS.get(step, lambda _draft: {})(draft),
    }
    return render_page(request, f"sync_drafts/{step}.html", context=context, status=status)


Made = tuple[list[StepForm], str]
"""The forms of a step, and what could not be read for it, in a sentence."""


def _ends(request: HttpRequest, draft: SyncDraft) -> Made:
    return [EndsForm(request.POST or None, initial=draft.choices)], ""


def _people(request: HttpRequest, draft: SyncDraft) -> Made:
    source = end_of(draft, "source")
    assert source
    schema, note = _fields(lambda: fields_of(source.connection, source.object.name))
    conditions = draft.choices.get("conditions") or []
    initial = {"read_mode": "incremental" if source.object.supports_incremental else "full", **draft.choices}
    return [PeopleForm(request.POST or None, initial=initial, schema=schema, conditions=conditions)], note


def _mapping(request: HttpRequest, draft: SyncDraft) -> Made:
    source, destination = end_of(draft, "source"), end_of(draft, "destination")
    assert source and destination
    left, note = _fields(lambda: fields_of(source.connection, source.object.name))
    right, more = _fields(lambda: fields_of(destination.connection, destination.object.name))
    two_ways = bool(draft.choices.get("two_ways")) and can_be_equal(source, destination)
    form = FieldsForm(
        request.POST or None,
        initial={"destination_key": proposed_key(draft, destination, right), **draft.choices},
        source=source,
        destination=destination,
        schemas=(left, right),
        two_ways=two_ways,
    )
    if not two_ways or left is None or right is None:
        return [form], note or more
    pairs = draft.choices.get("pairs") or proposed_pairs(draft)
    return [
        form,
        PairsForm(
            request.POST or None,
            initial={"wins": "ask", **draft.choices},
            source=source,
            destination=destination,
            pairs=pairs,
        ),
    ], note or more


def _when(request: HttpRequest, draft: SyncDraft) -> Made:
    source, destination = end_of(draft, "source"), end_of(draft, "destination")
    assert source and destination
    schema = known(destination.connection, destination.object.name)
    initial = {
        "starts": "hand",
        "write_mode": destination.object.modes[0],
        "empty_values": "keep",
        "departed": "nothing",
        "departed_most": 50,
        "priority": "5",
        **draft.choices,
    }
    when = WhenForm(request.POST or None, initial=initial, source=source, destination=destination, schema=schema)
    return [when, GuardsForm(request.POST or None, guards=draft.choices.get("guards") or {})], ""


def _fields(read: Callable[[], Any]) -> tuple[Any, str]:
    try:
        return read(), ""
    except SyncpanelError as problem:
        return None, f"The fields could not be read: {problem.message}"


def _try(request: HttpRequest, draft: SyncDraft) -> Made:
    return [], ""


FORMS: dict[str, Callable[[HttpRequest, SyncDraft], Made]] = {
    "ends": _ends,
    "people": _people,
    "fields": _mapping,
    "when": _when,
    "try": _try,
}


def _mapping_extra(draft: SyncDraft) -> dict[str, Any]:
    source, destination = end_of(draft, "source"), end_of(draft, "destination")
    return {
        "source": source,
        "destination": destination,
        "mapping": mapping_of(draft, "mapping"),
        "mapping_back": mapping_of(draft, "mapping_back"),
        "two_ways": bool(draft.choices.get("two_ways")),
    }


def _ends_extra(draft: SyncDraft) -> dict[str, Any]:
    source, destination = end_of(draft, "source"), end_of(draft, "destination")
    return {"can_be_equal": bool(source and destination and can_be_equal(source, destination))}


def _when_extra(draft: SyncDraft) -> dict[str, Any]:
    table = timetable_of(timing_from(draft))
    slots = [] if find_problem(table) else next_slots(table, timezone.now())
    return {"has_slots": True, "slots": [(slot, f"{slot:%a} {slot.day} {slot:%b %H:%M}") for slot in slots]}


EXTRAS: dict[str, Callable[[SyncDraft], dict[str, Any]]] = {
    "fields": _mapping_extra,
    "ends": _ends_extra,
    "when": _when_extra,
}


@require_POST
@needs("integrations.add_mapping")
def sync_draft_map(request: HttpRequest, pk: int) -> HttpResponse:
    """A new mapping between the two ends, from the fields' names: there, or for the way back."""
    draft = _draft(request, pk)
    source, destination = end_of(draft, "source"), end_of(draft, "destination")
    if source is None or destination is None:
        return redirect("sync-draft-step", pk, STEPS[0].name)
    name = "mapping_back" if request.POST.get("way") == "back" else "mapping"
    one, other = (destination, source) if name == "mapping_back" else (source, destination)
    title = f"{one.connection.name} {one.object.label.lower()} to {other.connection.name} {other.object.label.lower()}"
    try:
        mapping = create_mapping(
            title[:120],
            one.connection,
            one.object.name,
            other.connection,
            other.object.name,
            actor=request.user.get_username(),
        )
    except RefusedTransitionError as refusal:
        messages.warning(request, refusal.message)
        return redirect("sync-draft-step", pk, "fields")
    keep_choices(pk, {name: mapping.pk})
    messages.success(request, "A worker is reading the fields of both sides. Look at the suggestion, then publish it.")
    return redirect("mapping-detail", mapping.pk)


@require_GET
@needs(ADD)
def sync_draft_count(request: HttpRequest, pk: int) -> HttpResponse:
    """How many people are included, asked of the source now. A part of its own: it may take a few seconds."""
    draft = _draft(request, pk)
    source = end_of(draft, "source")
    if source is None:
        raise Http404
    try:
        conditions = draft.choices.get("conditions") or []
        said = count_words(count_people(source.connection, source.object.name, conditions), source)
    except SyncpanelError as problem:
        said = f"Cannot be counted right now. {problem.message}"
    return _part(request, "sync_drafts/_count.html", {"draft": draft, "said": said})


@require_GET
@needs(ADD)
def sync_draft_preview(request: HttpRequest, pk: int) -> HttpResponse:
    """Ten people, as received and as they would be sent. Nothing is sent."""
    draft = _draft(request, pk)
    source, destination, mapping = end_of(draft, "source"), end_of(draft, "destination"), mapping_of(draft, "mapping")
    if source is None or destination is None or mapping is None or mapping.published is None:
        raise Http404
    context: dict[str, Any] = {"draft": draft, "source": source, "destination": destination}
    try:
        previews = try_people(plan_from(draft, mapping, source, destination), mapping.published)
        context["cases"] = preview_cases(previews, known(destination.connection, destination.object.name))
    except SyncpanelError as problem:
        context["problem"] = problem.message
    return _part(request, "sync_drafts/_preview.html", context)


def _part(request: HttpRequest, part: str, context: dict[str, Any]) -> HttpResponse:
    """A part that takes its time; without scripts it is a page of its own."""
    return render_page(request, "sync_drafts/part.html", part=part, context={**context, "part": part})


@require_POST
@needs(ADD)
def sync_draft_on(request: HttpRequest, pk: int) -> HttpResponse:
    """Turn it on; with `run`, start it at once."""
    actor = request.user.get_username()
    _draft(request, pk)
    try:
        sync = turn_on(pk, actor)
    except RefusedTransitionError as refusal:
        messages.warning(request, refusal.message)
        return redirect("sync-draft-step", pk, STEPS[-1].name)
    except SyncpanelError as problem:
        messages.error(request, problem.message)
        return redirect("sync-draft-step", pk, STEPS[-1].name)
    if request.POST.get("run") and request.user.has_perm("integrations.operate_job"):
        return _start_at_once(request, sync)
    messages.success(request, f"“{sync.name}” is turned on.")
    return redirect("sync-detail", sync.pk)


def _start_at_once(request: HttpRequest, sync: Sync) -> HttpResponse:
    try:
        job = start_job(sync.pk, trigger=Trigger.MANUAL, actor=request.user.get_username())
    except RefusedTransitionError as refusal:
        messages.success(request, f"“{sync.name}” is turned on. {refusal.message}")
        return redirect("sync-detail", sync.pk)
    messages.success(request, "Turned on, and started.")
    return redirect("job-detail", job.pk)


def _draft(request: HttpRequest, pk: int) -> SyncDraft:
    """Somebody's own, while it is unfinished; nobody finishes another's."""
    return get_object_or_404(SyncDraft, pk=pk, made_by=request.user.get_username(), sync=None)
