"""Changing a sync that is there: the same forms as when it was made, one section at a time."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods

from integrations.enums import Winner
from integrations.exceptions import RefusedTransitionError, SyncpanelError
from integrations.models import Mapping, Sync, SyncDraft, TwoWay
from integrations.orchestrator.sync_drafts import choices_of, end_of, plan_from, timing_from
from integrations.orchestrator.syncs import SyncSettingsError, change_pairs, change_sync
from integrations.orchestrator.timing import TimingError, set_timing
from syncpanel.access import needs
from syncpanel.forms.steps import StepForm
from syncpanel.views.rendering import render_page
from syncpanel.views.sync_drafts import EXTRAS, FORMS
from syncpanel.words.sync_plan import sentence_of

SECTIONS = {"people": "Who is included", "fields": "Fields, and who is who", "when": "When, and how careful"}


@require_http_methods(["GET", "POST"])
@needs("integrations.change_sync")
def sync_change(request: HttpRequest, pk: int, section: str) -> HttpResponse:
    """One section of a sync's settings."""
    if section not in SECTIONS:
        raise Http404
    sync = get_object_or_404(Sync.objects.with_ends(), pk=pk)
    draft = SyncDraft(choices=choices_of(sync))
    if end_of(draft, "source") is None or end_of(draft, "destination") is None:
        raise Http404
    forms, note = FORMS[section](request, draft)
    if request.method == "POST" and _save(request, sync, draft, forms):
        messages.success(request, "Changed. It counts from the next job on.")
        return redirect("sync-settings", pk)
    context = {
        "sync": sync,
        "section": section,
        "title": SECTIONS[section],
        "form": forms[0],
        "more_forms": forms[1:],
        "note": note,
        "sentence": sentence_of(draft),
        **EXTRAS.get(section, lambda _draft: {})(draft),
    }
    return render_page(request, "syncs/change.html", context=context, status=422 if forms[0].is_bound else 200)


def _save(request: HttpRequest, sync: Sync, draft: SyncDraft, forms: list[StepForm]) -> bool:
    """False when something is not right; then the forms say what."""
    if not all(form.is_valid() for form in forms):
        return False
    for form in forms:
        draft.choices = {**draft.choices, **form.choices()}
    try:
        _carry_out(sync, draft, request.user.get_username())
    except SyncSettingsError as error:
        _blame(forms[0], error.problems)
    except TimingError as error:
        _blame(forms[0], {error.setting: error.message})
    except (RefusedTransitionError, SyncpanelError) as error:
        forms[0].add_error(None, error.message)
    return not any(form.errors for form in forms)


def _carry_out(sync: Sync, draft: SyncDraft, actor: str) -> None:
    source, destination = end_of(draft, "source"), end_of(draft, "destination")
    assert source and destination
    mapping = Mapping.objects.get(pk=draft.choices.get("mapping") or sync.mapping_id)
    change_sync(sync.pk, plan_from(draft, mapping, source, destination), actor)
    set_timing(sync.pk, timing_from(draft), actor)
    row = TwoWay.objects.filter(rightward=sync).first()
    if row is not None:
        change_pairs(row.pk, draft.choices["pairs"], Winner(draft.choices["wins"]), actor)


def _blame(form: StepForm, problems: dict[str, Any]) -> None:
    """On the field it concerns, where this section has it."""
    for name, sentence in problems.items():
        form.add_error(name if name in form.fields else None, sentence)
