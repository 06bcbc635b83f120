"""The mappings: the list, a new one, the editor with its three panes, and what can be read beside it."""

import json
from collections.abc import Sequence
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_http_methods

from integrations.assistant.config import describe
from integrations.enums import MappingTaskStatus
from integrations.exceptions import RefusedTransitionError, StaleDraftError
from integrations.mappings import prelude
from integrations.mappings.checks import check_code
from integrations.mappings.field_lines import find_field_code
from integrations.mappings.findings import Finding, Severity
from integrations.models import Connection, Mapping, MappingDraft, MappingSample
from integrations.models.blobs import unpack
from integrations.orchestrator.drafts import MOVED_ON, create_mapping, open_draft
from integrations.orchestrator.publishing import check_readiness, needs_other_person, review_draft
from integrations.orchestrator.samples import NOBODY
from integrations.orchestrator.trials import schemas_of
from integrations.queries.drifts import open_drifts
from integrations.queries.mappings import (
    examples_of,
    list_mappings,
    newest_tasks,
    show_mapping,
    sides,
    syncs_using,
    unheard_wish,
    written_by_model,
)
from syncpanel.access import needs
from syncpanel.forms.mappings import MappingForm
from syncpanel.views.rendering import is_unchanged, render_page, unchanged
from syncpanel.words.code import coloured_lines
from syncpanel.words.diff import compare
from syncpanel.words.drifts import note_of
from syncpanel.words.mappings import cases_of, field_rows
from syncpanel.words.rules import questions_of, rule_cards
from syncpanel.words.writings import remarks_of

VIEWS = ("changes", "whole", "edit")
CHANGE = "integrations.change_mapping"


@require_GET
def mapping_list(request: HttpRequest) -> HttpResponse:
    """Every mapping; those that wait for a second person first."""
    return render_page(request, "mappings/list.html", context={"page": list_mappings(request.GET.get("after", ""))})


@require_http_methods(["GET", "POST"])
@needs("integrations.add_mapping")
def mapping_create(request: HttpRequest) -> HttpResponse:
    """From where, to where, and what is wanted in plain words."""
    form = MappingForm(request.POST or None)
    if form.is_valid():
        try:
            mapping = create_mapping(**form.wanted(), actor=request.user.get_username())
        except RefusedTransitionError as refusal:
            form.add_error(None, refusal.message)
        else:
            return redirect("mapping-detail", mapping.pk)
    has_two = Connection.objects.exists()
    return render_page(
        request,
        "mappings/create.html",
        context={"form": form, "has_connections": has_two},
        status=422 if form.is_bound else 200,
    )


@require_GET
def mapping_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """The editor. Its third pane is asked for by the page once it is there: a trial takes a moment."""
    return show_editor(request, pk)


def show_editor(request: HttpRequest, pk: int, *, stale: StaleDraftError | None = None) -> HttpResponse:
    """The editor as it is now; `stale` = somebody else was quicker, and what was posted is shown beside it."""
    mapping = find_mapping(pk)
    context = editor_context(request, mapping)
    if "tried" in request.GET:
        context |= trial_context(request, mapping, context["draft"])
    if stale is not None:
        context |= {"stale": stale, "posted": _typed(request)}
    return render_page(
        request,
        "mappings/editor.html",
        part="mappings/_editor.html",
        context=context,
        status=422 if stale else 200,
    )


@require_GET
def mapping_trials(request: HttpRequest, pk: int) -> HttpResponse:
    """The third pane and the foot: the draft tried on people, now."""
    mapping = find_mapping(pk)
    draft = draft_of(request, mapping)
    context = {**frame(request, mapping, draft), **trial_context(request, mapping, draft)}
    return render_page(request, "mappings/editor.html", part="mappings/_trials_part.html", context=context)


@require_GET
def mapping_live(request: HttpRequest, pk: int) -> HttpResponse:
    """How the worker is getting on. When it has ended, the whole editor is asked for anew."""
    tasks = newest_tasks(find_mapping(pk).pk)
    if is_unchanged(request, tasks_version(tasks)):
        return unchanged()
    context = {"mapping": find_mapping(pk), **task_context(tasks)}
    response = render_page(request, "mappings/_tasks.html", part="mappings/_tasks.html", context=context)
    if not context["active_tasks"]:
        response["HX-Refresh"] = "true"
    return response


@require_GET
def mapping_fields(request: HttpRequest, pk: int) -> HttpResponse:
    """Both sides' fields with label, type, choices, and what the people to try it on have in them."""
    mapping = find_mapping(pk)
    source, destination = schemas_of(mapping)
    left, right = sides(mapping)
    words = request.GET.get("q", "").strip().lower()[:100]
    samples = [unpack(sample.record) for sample in MappingSample.objects.filter(mapping=pk)]
    lists = [(left, field_rows(source, words, samples)), (right, field_rows(destination, words, ()))]
    context = {"mapping": mapping, "lists": lists, "words": words}
    return render_page(request, "mappings/fields.html", part="mappings/_fields.html", context=context)


@require_GET
def mapping_help(request: HttpRequest) -> HttpResponse:
    """The functions mapping code may call."""
    return render_page(request, "mappings/help.html", context={"chapters": prelude.catalogue()})


def find_mapping(pk: int) -> Mapping:
    """The mapping, or our 404 page."""
    try:
        return show_mapping(pk)
    except Mapping.DoesNotExist as exc:
        raise Http404 from exc


def draft_of(request: HttpRequest, mapping: Mapping) -> MappingDraft:
    """The draft; for somebody who may not change it and where there is none, what a draft would begin as, unsaved."""
    draft = MappingDraft.objects.filter(mapping=mapping).first()
    if draft is None and request.user.has_perm(CHANGE):
        return open_draft(mapping.pk, request.user.get_username())
    version = mapping.published
    if draft is None:
        told = {"code": version.code, "rules": version.rules, "instructions": version.instructions} if version else {}
        return MappingDraft(mapping=mapping, revision=mapping.first_revision, **told)
    return draft


def frame(request: HttpRequest, mapping: Mapping, draft: MappingDraft) -> dict[str, Any]:
    """What every part of the editor needs."""
    left, right = sides(mapping)
    published = mapping.published
    return {
        "mapping": mapping,
        "draft": draft,
        "source": left,
        "destination": right,
        "published": published,
        "can_change": request.user.has_perm(CHANGE),
        "can_publish": request.user.has_perm("integrations.publish_mapping"),
        "is_changed": published is None or draft.code != published.code,
        "view": _view(request, has_changes=published is not None and draft.code != published.code),
    }


def editor_context(request: HttpRequest, mapping: Mapping) -> dict[str, Any]:
    """All but the trials."""
    draft = draft_of(request, mapping)
    framed = frame(request, mapping, draft)
    view = framed["view"]
    findings = find_fault(mapping, draft, deep=view == "edit")
    published = mapping.published
    source, destination = schemas_of(mapping)
    tasks = newest_tasks(mapping.pk)
    rules, questions = rule_cards(draft, published, source, destination), questions_of(draft, destination)
    marks = [[finding.line or 1, finding.severity.value, finding.message] for finding in findings]
    return {
        **framed,
        **task_context(tasks),
        "rules": rules,
        "remarks": remarks_of(written_by_model(tasks, draft), destination),
        "rules_changed": [rule for rule in rules if rule.mark],
        "diff": compare(published.code if published else "", draft.code) if view == "changes" else None,
        "code_lines": coloured_lines(draft.code) if view == "whole" else (),
        "findings": findings,
        "has_errors": any(finding.severity == Severity.ERROR for finding in findings),
        "marks_json": json.dumps(marks),
        "syncs": syncs_using(mapping.pk),
        "drifts": [note_of(row) for row in open_drifts(mapping=mapping.pk)],
        "questions": questions,
        "has_open_questions": any(not one.answer for one in questions),
        "has_answers": any(one.answer for one in questions),
        "model": describe(),
        "wish": request.session.pop(f"wish:{mapping.pk}", "") or unheard_wish(tasks, draft),
    }


def find_fault(mapping: Mapping, draft: MappingDraft, *, deep: bool) -> Sequence[Finding]:
    """What the checks say of the code. The deep ones take a moment: with the trials, and for who edits by hand."""
    if not draft.code.strip():
        return ()
    return review_draft(mapping, draft) if deep else check_code(draft.code)


def trial_context(request: HttpRequest, mapping: Mapping, draft: MappingDraft) -> dict[str, Any]:
    """The draft checked, tried and held against its examples, now."""
    ready, examples = check_readiness(mapping, draft), examples_of(mapping.pk)
    destination = schemas_of(mapping)[1]
    actor = request.user.get_username()
    return {
        "ready": ready,
        "findings": ready.findings,
        "has_errors": bool(ready.problems),
        "cases": cases_of(ready, examples, request.GET.get("show", ""), destination, find_field_code(draft.code)),
        "examples": examples,
        "syncs": syncs_using(mapping.pk),
        "needs_other": needs_other_person(draft, actor),
    }


def task_context(tasks: dict[str, Any]) -> dict[str, Any]:
    """What workers are doing for this mapping, and what went wrong last."""
    active = [task for task in tasks.values() if task.finished_at is None]
    failed = [task for task in tasks.values() if task.status == MappingTaskStatus.FAILED]
    waiting = [task for task in tasks.values() if task.reason_code == MOVED_ON]
    told = [task for task in tasks.values() if task.reason_code == NOBODY]
    return {
        "active_tasks": active,
        "failed_tasks": failed,
        "waiting_tasks": waiting,
        "told_tasks": told,
        "tasks_version": tasks_version(tasks),
        "tasks": tasks,
    }


def tasks_version(tasks: dict[str, Any]) -> str:
    """Changes whenever a task does."""
    return "-".join(f"{task.pk}.{task.status}.{task.done}.{task.step}" for task in tasks.values()).replace(" ", "_")


def _typed(request: HttpRequest) -> str:
    """All that a person had typed into what was posted."""
    names = ("code", "instructions", "change", "note", *(name for name in request.POST if name.startswith("answer-")))
    typed = (request.POST.get(name, "") for name in names)
    return "\n\n".join(text for text in typed if text.strip())


def _view(request: HttpRequest, *, has_changes: bool) -> str:
    """What is asked for; else the changes, where there are any to show."""
    asked = request.GET.get("view", "")
    if asked == "edit" and not request.user.has_perm(CHANGE):
        asked = "whole"
    return asked if asked in VIEWS else ("changes" if has_changes else "whole")
