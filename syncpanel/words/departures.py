"""Those who left the source, in words: what a sync does with them, what a job did, and what a person may allow once."""

from integrations.enums import Departed, Status, SyncMode
from integrations.models import Sync, SyncJob
from integrations.queries.ends import End
from syncpanel.templatetags.words import count, noun_for
from syncpanel.words.jobs import Entry

MODES: dict[str, tuple[str, str]] = {
    SyncMode.UPSERT: ("Adds and updates", "deletes"),
    SyncMode.UPDATE: ("Only updates", "adds or deletes"),
    SyncMode.CREATE: ("Only adds", "changes or deletes"),
}
NOT_DELETING: dict[str, str] = {
    SyncMode.UPSERT: "Adds and updates",
    SyncMode.UPDATE: "Only updates, never adds",
    SyncMode.CREATE: "Only adds, never changes",
}
DONE: dict[str, str] = {Departed.ARCHIVE: "Archived", Departed.CLEAR: "A field emptied"}
DOES: dict[str, str] = {Departed.ARCHIVE: "Archive", Departed.CLEAR: "Empty a field of"}


def does(sync: Sync) -> str:
    """What a sync writes, as a sentence: "Adds and updates, never deletes." """
    if sync.departed == Departed.NOTHING:
        writes, never = MODES[sync.write_mode]
        return f"{writes}, never {never}."
    left = {Departed.ARCHIVE: "archives who left", Departed.CLEAR: "empties a field of who left"}
    return f"{NOT_DELETING[sync.write_mode]}, and {left[Departed(sync.departed)]}."


def may_do(sync: Sync) -> str:
    """The same as settings say it: "Add and update. Who left is archived, at most 50 at once." """
    most = f"at most {count(sync.departed_most)} at once"
    left: dict[str, str] = {
        Departed.NOTHING: "Never delete.",
        Departed.ARCHIVE: f"Who left is archived, {most}.",
        Departed.CLEAR: f"{sync.departed_field} of who left is emptied, {most}.",
    }
    return f"{sync.get_write_mode_display()}. {left[sync.departed]}"


def who_left(job: SyncJob, source: End) -> list[Entry]:
    """A third sum beside the ledger's two: how many left, and what became of them. Empty when nobody did."""
    if not job.departed:
        return []
    left = [Entry(f"Left {source.label}", job.departed), Entry(DONE.get(job.sync.departed, "Dealt with"), job.removed)]
    over = job.departed - job.removed
    if over and job.status in {Status.SUCCEEDED, Status.PARTIAL}:
        left.append(Entry("Could not be touched", over, "the next complete job tries again"))
    return left


def outcome(job: SyncJob) -> str:
    """What became of those who left, as part of a sentence: "12 left: archived"; empty when nobody did."""
    if not job.departed:
        return ""
    done = DONE.get(job.sync.departed, "Dealt with").lower()
    if job.removed == job.departed:
        return f"{count(job.departed)} left: {done}"
    return f"{count(job.removed)} of {count(job.departed)} who left: {done}"


def is_over_the_cap(job: SyncJob) -> bool:
    """True when the job is held for, among others, how many left."""
    return any(item.get("name") == "departed" for item in job.guard.get("tripped", ()))


def number_left(job: SyncJob, noun: tuple[str, str]) -> str:
    """ "60 people"."""
    return f"{count(job.departed)} {noun_for(job.departed, noun)}"


def question(job: SyncJob, noun: tuple[str, str], destination: End) -> str:
    """What is asked before so many are touched."""
    verb = DOES.get(job.sync.departed, "Archive")
    return f"{verb} {number_left(job, noun)} in {destination.label}? It counts for this job only."
