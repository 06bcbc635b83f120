"""Mappings for pages: the list, what the editor shows, and the versions with the jobs that used them."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Min

from integrations.adapters.registry import capabilities
from integrations.enums import MappingTaskKind, MappingTaskStatus, RuleOrigin
from integrations.models import (
    Mapping,
    MappingDraft,
    MappingExample,
    MappingTask,
    MappingVersion,
    ModelExchange,
    SourcePage,
    Sync,
    SyncJob,
)
from integrations.models.blobs import unpack
from integrations.queries.ends import encrypted, name_object

PAGE = 50


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a mapping as pages show it. `many` is what its records are called there."""

    label: str
    letter: str
    hue: str
    object_label: str
    one: str
    many: str


@dataclass(frozen=True, slots=True)
class MappingRow:
    """One mapping as the list shows it."""

    mapping: Mapping
    source: Side
    destination: Side
    draft: MappingDraft | None
    used_by: int

    @property
    def has_draft(self) -> bool:
        """True when somebody changed the draft since it was opened."""
        if self.draft is None:
            return False
        return self.draft.revision > self.mapping.first_revision or self.mapping.published is None

    @property
    def changed(self) -> tuple[datetime | None, str]:
        """When it was changed last, and by whom."""
        version = self.mapping.published
        if self.draft is not None and self.has_draft:
            return self.draft.updated_at, self.draft.updated_by
        return (version.created_at, version.author) if version else (None, "")


@dataclass(frozen=True, slots=True)
class MappingPage:
    """One page by name; `after` is the name the next page starts behind, None at the end."""

    rows: tuple[MappingRow, ...]
    after: str | None


@dataclass(frozen=True, slots=True)
class Use:
    """One sync that ran a version, from which job on; `is_now` when its next job will run it."""

    sync: str
    sync_id: int
    first_job: int | None
    jobs: int


@dataclass(frozen=True, slots=True)
class VersionRow:
    """One version with the syncs that ran it."""

    version: MappingVersion
    uses: tuple[Use, ...]
    is_published: bool


def list_mappings(after: str = "") -> MappingPage:
    """One page of mappings by name, in three queries; those that wait for a second person are first on the first page."""
    mappings = Mapping.objects.select_related("published").order_by("name")
    if after:
        mappings = mappings.filter(name__gt=after)
    found = list(mappings[: PAGE + 1])
    shown = found[:PAGE]
    drafts = {draft.mapping_id: draft for draft in MappingDraft.objects.filter(mapping__in=shown).defer("code")}
    used = dict(Sync.objects.filter(mapping__in=shown).order_by().values_list("mapping").annotate(number=Count("pk")))
    rows = [_row(one, drafts.get(one.pk), used.get(one.pk, 0)) for one in shown]
    rows.sort(key=lambda row: not (row.draft and row.draft.review_asked_at))
    return MappingPage(tuple(rows), shown[-1].name if len(found) > PAGE else None)


def show_mapping(pk: int) -> Mapping:
    """One mapping with its published version and connections. Mapping.DoesNotExist when there is none."""
    ends = ("published", "source_connection", "destination_connection")
    hidden = [name.replace("__", "_connection__", 1) for name in encrypted("")]
    return Mapping.objects.select_related(*ends).defer(*hidden).get(pk=pk)


def sides(mapping: Mapping) -> tuple[Side, Side]:
    """Source and destination as pages show them."""
    return (
        _side(mapping.source_platform, mapping.source_object),
        _side(mapping.destination_platform, mapping.destination_object),
    )


def newest_tasks(mapping_id: int) -> dict[str, MappingTask]:
    """The newest task of each kind, without what came of it."""
    newest: dict[str, MappingTask] = {}
    for kind in MappingTaskKind.values:
        task = MappingTask.objects.filter(mapping=mapping_id, kind=kind).defer("result").order_by("-id").first()
        if task is not None:
            newest[kind] = task
    return newest


def unheard_wish(tasks: dict[str, MappingTask], draft: MappingDraft) -> str:
    """The change that was asked for last, when nothing came of it and the draft is as it was then; else empty."""
    task = tasks.get(MappingTaskKind.WRITE)
    if task is None or task.status not in {MappingTaskStatus.FAILED, MappingTaskStatus.CANCELLED}:
        return ""
    return str(task.request.get("change") or "") if task.request.get("base_revision") == draft.revision else ""


def written_by_model(tasks: dict[str, MappingTask], draft: MappingDraft) -> dict[str, Any] | None:
    """The result of the newest writing, while the draft is what the model wrote; else None."""
    task = tasks.get(MappingTaskKind.WRITE)
    if draft.origin != RuleOrigin.MODEL or task is None or task.status != MappingTaskStatus.DONE:
        return None
    written: dict[str, Any] = unpack(MappingTask.objects.values_list("result", flat=True).get(pk=task.pk)) or {}
    return written if written.get("code") == draft.code else None


def syncs_using(mapping_id: int) -> list[Sync]:
    """The syncs whose next job uses what is published."""
    return list(
        Sync.objects.filter(mapping=mapping_id).order_by("name").only("pk", "name", "is_enabled", "next_due_at")
    )


def examples_of(mapping_id: int) -> list[MappingExample]:
    """What people marked as right, oldest first."""
    return list(MappingExample.objects.filter(mapping=mapping_id).defer("record"))


def exchanges_of(mapping_id: int) -> list[ModelExchange]:
    """The last calls to the model, newest first."""
    return list(ModelExchange.objects.filter(mapping=mapping_id).select_related("task")[:PAGE])


def rehearsable_jobs(mapping_id: int) -> list[SyncJob]:
    """The last jobs whose records are still kept, newest first."""
    pages = SourcePage.objects.filter(job__sync__mapping=mapping_id).order_by("-job").values_list("job", flat=True)
    return list(
        SyncJob.objects.filter(pk__in=pages.distinct()[:10])
        .select_related("sync")
        .order_by("-pk")
        .only("pk", "fetched", "sync__name", "created_at")
    )


def list_versions(mapping: Mapping) -> list[VersionRow]:
    """All versions, newest first, with who used them and from which job on, in two queries."""
    jobs = SyncJob.objects.filter(mapping_version__mapping=mapping).order_by()
    counted = jobs.values_list("mapping_version", "sync", "sync__name").annotate(first=Min("pk"), jobs=Count("pk"))
    uses: dict[int, list[Use]] = defaultdict(list)
    for version, sync_id, name, first, number in counted:
        uses[version].append(Use(name, sync_id, first, number))
    versions = MappingVersion.objects.filter(mapping=mapping).order_by("-number")
    return [
        VersionRow(one, tuple(sorted(uses[one.pk], key=lambda use: use.sync)), one.pk == mapping.published_id)
        for one in versions
    ]


def _row(mapping: Mapping, draft: MappingDraft | None, used_by: int) -> MappingRow:
    source, destination = sides(mapping)
    return MappingRow(mapping, source, destination, draft, used_by)


def _side(platform: str, object_name: str) -> Side:
    declared = capabilities(platform)
    label, (one, many) = name_object(declared, object_name)
    return Side(declared.label, declared.letter, declared.hue, label, one, many)
