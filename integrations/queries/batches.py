"""A job's batches for pages, with "the exact call" each was sent by."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from integrations.enums import BatchStatus
from integrations.models import Batch
from integrations.models.blobs import unpack, unpack_lists
from integrations.queries.ends import encrypted
from integrations.queries.indented import indent_json

PAGE = 50
LONGEST = 200_000
SHOWN = 20
UNDECIDED = {BatchStatus.PENDING, BatchStatus.SENDING, BatchStatus.HELD}


@dataclass(frozen=True, slots=True)
class BatchPage:
    """One page of batches, newest first; `older` is the `before` of the next page, None at the end."""

    rows: tuple[Batch, ...]
    older: int | None


@dataclass(frozen=True, slots=True)
class Call:
    """One HTTP call as a person may see it: bodies as indented JSON where they are JSON, cut when very long."""

    method: str
    url: str
    status: int
    seconds: float
    request: str
    response: str
    is_cut: bool

    @property
    def path(self) -> str:
        """The address without the host, which tells whose account it is."""
        return urlsplit(self.url).path


def list_batches(job: int, before: int | None = None) -> BatchPage:
    """One page of a job's batches, in one query that reads no payload."""
    batches = Batch.objects.filter(job=job).defer("payload", "exchange", "ticket").order_by("-number")
    if before:
        batches = batches.filter(number__lt=before)
    rows = tuple(batches[: PAGE + 1])
    return BatchPage(rows[:PAGE], rows[PAGE - 1].number if len(rows) > PAGE else None)


def show_batch(job: int, number: int) -> Batch:
    """One batch with its calls, in one query. Batch.DoesNotExist when there is none."""
    related = ("job__sync__source", "job__sync__destination", "parent")
    return (
        Batch.objects.select_related(*related).defer("payload", *encrypted("job__sync__")).get(job=job, number=number)
    )


def calls_of(batch: Batch) -> tuple[Call, ...]:
    """The calls a batch was sent by, in order; empty while it was not sent."""
    kept: Sequence[Mapping[str, Any]] = unpack(batch.exchange) or ()
    return tuple(_call(call) for call in kept)


def keys_in(batch: Batch) -> tuple[str, ...]:
    """Whom a batch that has not come back holds, by the key they are known by; the first SHOWN of them."""
    if batch.status not in UNDECIDED:
        return ()
    key = batch.job.sync.destination_key
    return tuple(str(entry[3].get(key) or entry[0]) for entry in unpack_lists(batch.payload)[:SHOWN])


def took(batch: Batch) -> timedelta | None:
    """From the moment it left to its answer."""
    return batch.sent_at - batch.sending_at if batch.sent_at and batch.sending_at else None


def pretty(body: str) -> str:
    """Indented when it is JSON that can be read so, else as it is."""
    try:
        return indent_json(body, LONGEST)
    except ValueError:
        return body


def _call(kept: Mapping[str, Any]) -> Call:
    request, response = (pretty(str(kept.get(name) or "")) for name in ("request", "response"))
    return Call(
        method=str(kept.get("method", "")),
        url=str(kept.get("url", "")),
        status=int(kept.get("status") or 0),
        seconds=float(kept.get("seconds") or 0),
        request=request[:LONGEST],
        response=response[:LONGEST],
        is_cut=max(len(request), len(response)) > LONGEST,
    )
