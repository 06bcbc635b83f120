"""Mappings and their drafts: made, changed, asked to be checked, discarded. Every step is an event.

A draft is shared. Who changes it says which revision he saw; when another was quicker, nothing is overwritten.
"""

from collections.abc import Mapping as Plain
from collections.abc import Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from integrations.adapters.registry import capabilities
from integrations.enums import Kind, MappingTaskKind, RuleOrigin
from integrations.exceptions import RefusedTransitionError, StaleDraftError
from integrations.mappings.field_prints import short_prints
from integrations.models import Connection, Mapping, MappingDraft, MappingTask
from integrations.orchestrator.events import append
from integrations.orchestrator.mapping_tasks import start_task
from integrations.orchestrator.object_lists import find_object

MOST_INSTRUCTIONS = 20_000
MOST_CODE = 100_000
MOVED_ON = "draft_moved_on"
"""Why what the model wrote waits with its task."""

Rule = dict[str, str]


def create_mapping(
    name: str,
    source: Connection,
    source_object: str,
    destination: Connection,
    destination_object: str,
    *,
    actor: str,
    instructions: str = "",
) -> Mapping:
    """A new mapping with an empty draft, and the request to read both sides' fields and some people to try it on."""
    _refuse_unless_declared(source, source_object, reading=True)
    _refuse_unless_declared(destination, destination_object, reading=False)
    _refuse_too_long(instructions, "")
    try:
        with transaction.atomic():
            mapping = Mapping.objects.create(
                name=name,
                source_platform=source.platform,
                source_object=source_object,
                source_connection=source,
                destination_platform=destination.platform,
                destination_object=destination_object,
                destination_connection=destination,
            )
            append(mapping.stream, Kind.MAPPING_CREATED, {"name": name}, actor)
            MappingDraft.objects.create(mapping=mapping, instructions=instructions, updated_at=timezone.now())
            start_task(mapping.pk, MappingTaskKind.SAMPLE, {}, actor)
    except IntegrityError as exc:
        raise RefusedTransitionError(f"There is a mapping called “{name}” already.") from exc
    return mapping


def open_draft(mapping_id: int, actor: str) -> MappingDraft:
    """The mapping's draft; a new one is a copy of what is published."""
    with transaction.atomic():
        mapping = Mapping.objects.select_for_update(of=("self",)).select_related("published").get(pk=mapping_id)
        draft = MappingDraft.objects.filter(mapping=mapping).first()
        if draft is not None:
            return draft
        version = mapping.published
        return MappingDraft.objects.create(
            mapping=mapping,
            based_on=version,
            revision=mapping.first_revision,
            instructions=version.instructions if version else "",
            code=version.code if version else "",
            rules=sign_rules(version.rules, version.code) if version else [],
            updated_by=actor,
            updated_at=timezone.now(),
        )


def save_draft(
    mapping_id: int,
    revision: int,
    *,
    actor: str,
    instructions: str | None = None,
    code: str | None = None,
    rules: Sequence[Rule] | None = None,
    questions: Sequence[dict[str, Any]] | None = None,
    origin: RuleOrigin = RuleOrigin.HAND,
) -> MappingDraft:
    """Change what is given of revision `revision`; StaleDraftError when there is a newer one already.

    A rule whose code was changed by hand is marked so: its words may no longer tell what the code does.
    """
    _refuse_too_long(instructions or "", code or "")
    with transaction.atomic():
        draft = lock_draft(mapping_id, revision)
        changed = {
            name: value
            for name, value in {
                "instructions": instructions,
                "code": code,
                "rules": None if rules is None else sign_rules(rules, draft.code if code is None else code),
                "questions": None if questions is None else list(questions),
            }.items()
            if value is not None and value != getattr(draft, name)
        }
        if not changed:
            return draft
        if "code" in changed:
            changed["origin"] = origin
            if origin == RuleOrigin.HAND and "rules" not in changed:
                changed["rules"] = mark_edited(sign_rules(draft.rules, draft.code), str(changed["code"]))
        write_draft(draft, changed, actor)
        append(draft.mapping.stream, Kind.MAPPING_DRAFTED, {"revision": draft.revision, "by": origin.value}, actor)
    return draft


def take_written(task: MappingTask, result: Plain[str, Any]) -> None:
    """What the model wrote becomes the draft, unless somebody changed the draft meanwhile: then it waits with its task."""
    try:
        use_written(task, result, int(task.request["base_revision"]), task.actor)
    except (StaleDraftError, RefusedTransitionError) as meanwhile:
        told = {"reason_code": MOVED_ON, "reason": meanwhile.message}
        MappingTask.objects.filter(pk=task.pk).update(**told)


def use_written(task: MappingTask, result: Plain[str, Any], revision: int, actor: str) -> MappingDraft:
    """Put a task's result into the draft of this revision; StaleDraftError when there is a newer one."""
    with transaction.atomic():
        draft = lock_draft(task.mapping_id, revision)
        told = str(task.request.get("instructions") or draft.instructions)
        changed = {
            "code": result["code"],
            "rules": list(result["rules"]),
            "questions": list(result["questions"]),
            "instructions": with_wishes(told, task.request)[:MOST_INSTRUCTIONS],
            "origin": RuleOrigin.MODEL,
        }
        write_draft(draft, changed, actor, asked_by=task.actor)
        append(draft.mapping.stream, Kind.MAPPING_WRITTEN, {"revision": draft.revision, "task": task.pk}, actor)
    return draft


def with_wishes(instructions: str, request: Plain[str, Any]) -> str:
    """The instructions, and what was asked for and answered since, which are part of them once the code is written so."""
    answered = "\n".join(f"{one['question']} {one['answer']}" for one in request.get("answers") or ())
    told = (instructions, str(request.get("change") or ""), answered)
    return "\n\n".join(filter(None, (text.strip() for text in told)))


def ask_for_review(mapping_id: int, revision: int, actor: str) -> MappingDraft:
    """Ask a second person to look at it; the list shows it on top."""
    with transaction.atomic():
        draft = lock_draft(mapping_id, revision)
        if not draft.code.strip():
            raise RefusedTransitionError("There is no code to check yet.")
        draft.review_asked_by, draft.review_asked_at = actor, timezone.now()
        draft.save(update_fields=["review_asked_by", "review_asked_at"])
        append(draft.mapping.stream, Kind.MAPPING_REVIEW_ASKED, {"revision": revision}, actor)
    return draft


def discard_draft(mapping_id: int, revision: int, actor: str) -> None:
    """Throw the draft away. What is published stays; a mapping that was never published starts again from nothing."""
    with transaction.atomic():
        draft = lock_draft(mapping_id, revision)
        drop_draft(draft)
        append(draft.mapping.stream, Kind.MAPPING_DISCARDED, {"revision": revision}, actor)


def rename_mapping(mapping_id: int, name: str, actor: str) -> None:
    """Give it another name; RefusedTransitionError when that is taken."""
    try:
        with transaction.atomic():
            mapping = Mapping.objects.select_for_update().get(pk=mapping_id)
            before, mapping.name = mapping.name, name
            mapping.save(update_fields=["name"])
            append(mapping.stream, Kind.MAPPING_CHANGED, {"reason": f"was called {before}"}, actor)
    except IntegrityError as exc:
        raise RefusedTransitionError(f"There is a mapping called “{name}” already.") from exc


def lock_draft(mapping_id: int, revision: int) -> MappingDraft:
    """The draft under its row lock, if it still is that revision; StaleDraftError else. Inside a transaction. The mapping is
    locked first: whoever locks both does so in this order, or two clicks would wait for each other."""
    Mapping.objects.select_for_update().filter(pk=mapping_id).first()
    draft = (
        MappingDraft.objects.select_for_update(of=("self",))
        .select_related("mapping")
        .filter(mapping=mapping_id)
        .first()
    )
    if draft is None:
        gone = "The draft you saw was published or discarded meanwhile. Nothing was overwritten."
        raise StaleDraftError(gone, by="", at=timezone.now())
    if draft.revision != revision:
        raise StaleDraftError(
            f"{draft.updated_by or 'Somebody'} changed this draft meanwhile. Nothing was overwritten.",
            by=draft.updated_by,
            at=draft.updated_at,
        )
    return draft


def write_draft(draft: MappingDraft, changed: Plain[str, Any], actor: str, *, asked_by: str = "") -> None:
    """Write changed columns as the next revision. What a second person was asked to check is no longer what is there.
    Who asked the model for the change is an editor as much as who puts it in."""
    for name, value in changed.items():
        setattr(draft, name, value)
    if "rules" in changed:
        draft.rules = sign_rules(draft.rules, draft.code)
    draft.revision += 1
    draft.updated_by, draft.updated_at = actor, timezone.now()
    draft.review_asked_by, draft.review_asked_at = "", None
    draft.editors = list(dict.fromkeys(filter(None, [*draft.editors, asked_by, actor])))
    draft.save()


def drop_draft(draft: MappingDraft) -> None:
    """Delete a locked draft. Whoever has a page with it open must not act on the next one: its numbers are used up."""
    draft.mapping.last_revision = draft.revision
    draft.mapping.save(update_fields=["last_revision"])
    draft.delete()


def sign_rules(rules: Sequence[Rule], code: str) -> list[Rule]:
    """Each rule with the print of the code its words were written for, unless it has one already."""
    prints = short_prints(code) or {}
    return [rule if "print" in rule else {**rule, "print": prints.get(rule["field"], "")} for rule in rules]


def mark_edited(rules: Sequence[Rule], code: str) -> list[Rule]:
    """Signed rules, marked where this code, typed by hand, treats the field otherwise. Code that is not valid tells nothing."""
    prints = short_prints(code)
    if prints is None:
        return list(rules)
    return [
        rule if prints.get(rule["field"]) == rule["print"] else {**rule, "by": RuleOrigin.HAND.value} for rule in rules
    ]


def _refuse_unless_declared(connection: Connection, object_name: str, *, reading: bool) -> None:
    found = find_object(connection, object_name)
    is_kind = found is not None and found.stands_for_many and found.name == object_name
    is_usable = found is not None and (found.can_read or found.comes_by_webhook_only if reading else found.can_write)
    if is_kind or not is_usable:
        what, label = "read" if reading else "write", capabilities(connection.platform).label
        raise RefusedTransitionError(f"{label} has no “{object_name}” that we can {what}.")


def _refuse_too_long(instructions: str, code: str) -> None:
    if len(instructions) > MOST_INSTRUCTIONS:
        raise RefusedTransitionError(f"The instructions are too long: at most {MOST_INSTRUCTIONS:,} characters.")
    if len(code) > MOST_CODE:
        raise RefusedTransitionError(f"The code is too long: at most {MOST_CODE:,} characters.")
