"""The Fix-it list: reasons left, people in the middle, one person right."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from integrations import reasons as reason_words
from integrations.enums import FailureStatus
from integrations.models import FailedRecord, Sync
from integrations.orchestrator.conflicts import CODES
from integrations.orchestrator.duplicates import HELD_FOR
from integrations.orchestrator.repairs import check_corrections
from integrations.orchestrator.schemas import known
from integrations.queries.duplicates import waiting_for
from integrations.queries.ends import destination_of
from integrations.queries.failures import (
    FailureDetail,
    FailureFilter,
    FailurePage,
    count_status,
    count_suggestions,
    list_failures,
    show_failure,
)
from integrations.queries.jobs import sync_names
from integrations.queries.reasons import reasons, reasons_of_job
from integrations.types import ObjectSchema
from syncpanel.forms.corrections import CorrectionForm, make_field
from syncpanel.views.numbers import number_in
from syncpanel.views.rendering import render_page, wants_part
from syncpanel.words.conflicts import answers, dispute
from syncpanel.words.record import also_received, history, pairs, suggested_fix, tried

ACTED_ON = (FailureStatus.OPEN, FailureStatus.RETRYING, FailureStatus.DISMISSED)
SHELVES: dict[str, str] = {
    FailureStatus.RETRYING: "Fixed, going out",
    FailureStatus.DISMISSED: "Set aside on purpose",
    FailureStatus.FIXED: "Fixed this week",
}
WEEK = timedelta(days=7)


def filter_from(query: Mapping[str, str]) -> FailureFilter:
    """What a URL asks for; nonsense in it asks for nothing."""
    status = query.get("status", "")
    status = status if status in FailureStatus.values else FailureStatus.OPEN
    code, _, field = query.get("reason", "").partition(":")
    return FailureFilter(
        status=status,
        code=code,
        field=field,
        sync=number_in(query, "sync"),
        job=number_in(query, "job"),
        words=query.get("q", "").strip()[:100],
        suggested=query.get("suggested") == "1",
        since=_since(status),
    )


def _since(status: str) -> datetime | None:
    """What is fixed is shown for a week, what waits for ever."""
    return timezone.now() - WEEK if status == FailureStatus.FIXED else None


@require_GET
def failure_list(request: HttpRequest) -> HttpResponse:
    """The workspace; htmx may ask for the drawer alone."""
    asked, record = filter_from(request.GET), number_in(request.GET, "record")
    if wants_part(request) and request.htmx.target == "drawer" and record:
        return render_page(request, "", part="failures/_drawer.html", context=drawer_context(record, asked))
    context = bench_context(request, asked, record)
    response = render_page(request, "failures/list.html", part="failures/_bench_part.html", context=context)
    if wants_part(request):
        response["HX-Push-Url"] = request.get_full_path()
    return response


@require_GET
def failure_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """A short address for one record: it leads to its place in the list."""
    record = get_object_or_404(FailedRecord.objects.only("pk", "status"), pk=pk)
    return redirect(f"{reverse('failure-list')}?status={record.status}&record={record.pk}")


def bench_context(
    request: HttpRequest, asked: FailureFilter, record: int | None, form: CorrectionForm | None = None
) -> dict[str, Any]:
    """All three panes. Without a record asked for, the first of the list is shown beside it."""
    page = list_failures(asked, before=number_in(request.GET, "before"))
    shown = record or (page.rows[0].pk if page.rows else None)
    groups = reasons_of_job(asked.job) if asked.job else reasons(asked.sync)
    group = next((g for g in groups if g.key == asked.reason), None)
    syncs = sync_names()
    context = {
        "asked": asked,
        "page": page,
        "groups": groups,
        "group": group,
        "total": sum(g.count for g in groups),
        "suggested": count_suggestions(asked.sync, asked.job),
        "syncs": syncs,
        "names": dict(syncs),
        "shelves": shelves(asked),
        "status_label": SHELVES.get(asked.status, ""),
        "is_open": bool(record),
        "fixes": {},
        "can_act": asked.status in ACTED_ON and request.user.has_perm("integrations.fix_record"),
        **group_context(asked, page),
    }
    return {**context, **(drawer_context(shown, asked, form) if shown else {})}


def shelves(asked: FailureFilter) -> list[tuple[str, str, str]]:
    """The other lists, with their counts: on the way, set aside, fixed."""
    counted = ((status, count_status(status, asked.sync, since=_since(status))) for status in SHELVES)
    return [(status, SHELVES[status], shelf_count(number)) for status, number in counted]


def shelf_count(number: int) -> str:
    """Counting stops at a thousand."""
    return "1,000+" if number >= 1_000 else str(number)


def group_context(asked: FailureFilter, page: FailurePage) -> dict[str, Any]:
    """What a group of one reason says about itself, and what decides it or sets its field for many."""
    if not asked.code or not page.rows:
        return {}
    sync = (
        Sync.objects.select_related("destination")
        .defer("destination__secrets", "destination__token")
        .get(pk=page.rows[0].sync_id)
    )
    schema = known(sync.destination, sync.destination_object)
    found = schema.field(asked.field) if schema and asked.field else None
    end = destination_of(sync)
    label = found.label if found else asked.field
    decides = asked.code in CODES
    control = make_field(found, asked.field, "").widget if found and not decides else None
    return {
        "group_text": reason_words.sentence(asked.code, label, end.label),
        "field_label": label,
        "bulk_control": control.render("value", "", {"id": "bulk-value"}) if control else "",
        "decides": decides,
        "answers": answers(page.rows) if asked.status == FailureStatus.OPEN else [],
        "fixes": {row.pk: fix for row in page.rows if (fix := suggested_fix(row, schema))},
    }


def drawer_context(pk: int, asked: FailureFilter, form: CorrectionForm | None = None) -> dict[str, Any]:
    """One record with its form."""
    try:
        detail = show_failure(pk, asked)
    except FailedRecord.DoesNotExist as exc:
        raise Http404 from exc
    source, destination = schemas_of(detail)
    return {
        "asked": asked,
        "detail": detail,
        "record": detail.record,
        "form": form or correction_form(detail, source, destination),
        "dispute": dispute(detail, source, destination),
        "pairs": pairs(detail, source, destination),
        "also": also_received(detail, source),
        "moments": history(detail),
        "tried": tried(detail),
        "compare": waiting_for(detail.record) if detail.record.code in HELD_FOR else None,
    }


def correction_form(
    detail: FailureDetail,
    source: ObjectSchema | None,
    destination: ObjectSchema | None,
    posted: Mapping[str, Any] | None = None,
) -> CorrectionForm:
    """The form of one record, with every field the destination would refuse shown first."""
    problems = check_corrections(detail.record, detail.record.corrections)
    return CorrectionForm(posted, detail=detail, source=source, destination=destination, problems=problems)


def schemas_of(detail: FailureDetail) -> tuple[ObjectSchema | None, ObjectSchema | None]:
    """What both objects look like, as last described; no call is made."""
    sync = detail.record.sync
    return known(sync.source, sync.source_object), known(sync.destination, sync.destination_object)
