"""Records by the hundred: batch read, create, update, upsert and archive."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from integrations.sandbox.clock import Clock, format_ms
from integrations.sandbox.hubspot.errors import (
    CONFLICT,
    NOT_FOUND,
    VALIDATION,
    describe_invalid_values,
    read_json,
    refuse,
    refuse_invalid,
)
from integrations.sandbox.hubspot.objects import PREFIXES, READ, WRITE
from integrations.sandbox.hubspot.options import Options
from integrations.sandbox.hubspot.stores import Shelf, Stores
from integrations.sandbox.hubspot.validate import Problem, check_values
from integrations.sandbox.settings import Settings
from integrations.sandbox.wire import Answer, Call, Route, answer_json

MOST = 100
Input = dict[str, Any]


@dataclass(slots=True)
class Write:
    """One input: what will be written where, or why it will not."""

    given: Input
    slot: int | None = None
    values: dict[str, str] = field(default_factory=dict)
    status: int = 0
    category: str = ""
    message: str = ""

    def fail(self, status: int, category: str, message: str) -> "Write":
        self.status, self.category, self.message = status, category, message
        return self


class BatchApi:
    """Nothing is written before every input has been looked at."""

    def __init__(self, stores: Stores, settings: Settings, clock: Clock) -> None:
        self._stores = stores
        self._options = settings.of(Options)
        self._clock = clock
        self._dice = random.Random(settings.seed)

    def routes(self) -> list[Route]:
        return [route for prefix in PREFIXES for route in self._routes_under(f"{prefix}/batch")]

    def _routes_under(self, prefix: str) -> list[Route]:
        return [
            Route("POST", f"{prefix}/read", self.read, READ),
            Route("POST", f"{prefix}/create", self.create, WRITE),
            Route("POST", f"{prefix}/update", self.update, WRITE),
            Route("POST", f"{prefix}/upsert", self.upsert, WRITE),
            Route("POST", f"{prefix}/archive", self.archive, WRITE),
        ]

    def read(self, call: Call) -> Answer:
        shelf, body = self._stores.shelf(call), read_json(call.body)
        inputs, name = read_inputs(body), body.get("idProperty")
        found = [(one, shelf.find(str(one.get("id", "")), name)) for one in inputs]
        slots = dict.fromkeys(slot for _, slot in found if slot is not None)
        records = shelf.views.get(tuple(body.get("properties") or ())).render(slots)
        missing = [str(one.get("id")) for one, slot in found if slot is None]
        errors = [describe_missing(shelf, missing)] if missing else []
        return self._answer(records, errors, 200)

    def create(self, call: Call) -> Answer:
        shelf = self._stores.shelf(call)
        claimed: set[str] = set()
        writes = [self._plan_create(shelf, one, claimed) for one in read_inputs(read_json(call.body))]
        return self._carry_out(shelf, writes, 201)

    def update(self, call: Call) -> Answer:
        shelf = self._stores.shelf(call)
        inputs = read_inputs(read_json(call.body))
        refuse_duplicates(inputs)
        return self._carry_out(shelf, [self._plan_update(shelf, one) for one in inputs], 200)

    def upsert(self, call: Call) -> Answer:
        shelf = self._stores.shelf(call)
        inputs = read_inputs(read_json(call.body))
        check_id_properties(inputs)
        refuse_duplicates(inputs)
        return self._carry_out(shelf, [self._plan_upsert(shelf, one) for one in inputs], 200, upsert=True)

    def archive(self, call: Call) -> Answer:
        shelf = self._stores.shelf(call)
        for one in read_inputs(read_json(call.body)):
            slot = shelf.store.live_slot(str(one.get("id", "")))
            if slot is not None:
                shelf.take_away(slot)
        return Answer(204)

    def _plan_create(self, shelf: Shelf, one: Input, claimed: set[str]) -> Write:
        write = fail_if_missing(shelf, plan_values(shelf, one))
        if write.status:
            return write
        keys = {
            f"{name}:{value.lower()}" for name, value in write.values.items() if shelf.store.is_unique(name) and value
        }
        taken = shelf.find_taken(write.values)
        if taken is not None:
            return fail_taken(shelf, write, shelf.store.id_of(taken))
        if keys & claimed:
            return fail_taken(shelf, write, "unknown")
        claimed |= keys
        return write

    def _plan_update(self, shelf: Shelf, one: Input) -> Write:
        slot = shelf.find(str(one.get("id", "")), one.get("idProperty"))
        if slot is None:
            return Write(one).fail(404, NOT_FOUND, f"Could not get some {shelf.store.kind.singular.upper()} objects")
        return fail_if_taken(shelf, plan_values(shelf, one), slot)

    def _plan_upsert(self, shelf: Shelf, one: Input) -> Write:
        name, key = str(one.get("idProperty")), str(one.get("id", ""))
        slot = shelf.find(key, name)
        properties = one.get("properties")
        given = {**one, "properties": {name: key, **(properties if isinstance(properties, dict) else {})}}
        write = fail_if_taken(shelf, plan_values(shelf, given), slot)
        return fail_if_missing(shelf, write) if slot is None else write

    def _carry_out(self, shelf: Shelf, writes: list[Write], status: int, upsert: bool = False) -> Answer:
        failed = [write for write in writes if write.status]
        shelf.store.ledger.count_rejected(len(failed))
        if failed and not has_trace_ids(writes):
            raise refuse(failed[0].status, failed[0].message, failed[0].category)
        results = [self._write(shelf, write, upsert) for write in writes if not write.status]
        return self._answer(results, [describe_failure(write) for write in failed], status)

    def _write(self, shelf: Shelf, write: Write, upsert: bool) -> dict[str, Any]:
        slot = shelf.write(write.slot, write.values)
        record = shelf.views.get((*shelf.store.kind.defaults, *write.values)).render([slot])[0]
        if self._options.omit_trace_ids:
            return record
        if upsert:
            record["new"] = write.slot is None
        if "objectWriteTraceId" in write.given:
            record["objectWriteTraceId"] = write.given["objectWriteTraceId"]
        return record

    def _answer(self, results: list[dict[str, Any]], errors: list[dict[str, Any]], status: int) -> Answer:
        if self._options.shuffle:
            self._dice.shuffle(results)
        now = format_ms(self._clock.now_ms())
        body: dict[str, Any] = {"status": "COMPLETE", "results": results, "startedAt": now, "completedAt": now}
        if not errors:
            return answer_json({**body, "requestedAt": now}, status)
        return answer_json({**body, "numErrors": len(errors), "errors": errors}, 207)


def read_inputs(body: dict[str, Any]) -> list[Input]:
    inputs = body.get("inputs")
    if not isinstance(inputs, list) or not all(isinstance(one, dict) for one in inputs) or not inputs:
        raise refuse_invalid("Some required fields were not set: [inputs]", context={"missingFields": ["inputs"]})
    if len(inputs) > MOST:
        raise refuse_invalid(
            f"The maximum number of inputs supported in a batch request is {MOST}. Received {len(inputs)}."
        )
    return inputs


def check_id_properties(inputs: Sequence[Input]) -> None:
    names = {one.get("idProperty") for one in inputs}
    if len(names) > 1 or names & {None, "", "hs_object_id"}:
        raise refuse_invalid(f"All inputs must name the same unique idProperty. Received {sorted(map(str, names))}")


def refuse_duplicates(inputs: Sequence[Input]) -> None:
    seen: set[str] = set()
    double = []
    for one in inputs:
        key = str(one.get("id", "")).strip().lower()
        if key in seen:
            double.append(str(one.get("id")))
        seen.add(key)
    if double:
        message = f"Duplicate IDs found in batch input: [{', '.join(double)}]. IDs must be unique"
        raise refuse_invalid(message, context={"ids": double})


def plan_values(shelf: Shelf, one: Input) -> Write:
    properties = one.get("properties")
    values, problems = check_values(shelf.store, properties if isinstance(properties, dict) else {})
    write = Write(one, values=values)
    if values.get("email", "") in shelf.blocked:
        problems.append(_describe_blocked(values["email"]))
    return write.fail(400, VALIDATION, describe_invalid_values(problems)) if problems else write


def fail_if_missing(shelf: Shelf, write: Write) -> Write:
    """A new record without what it cannot be without."""
    missing = [name for name in shelf.store.kind.required if not write.values.get(name)]
    if write.status or not missing:
        return write
    return write.fail(400, VALIDATION, describe_invalid_values([_describe_required(name) for name in missing]))


def _describe_required(name: str) -> Problem:
    return {"isValid": False, "message": f'Property "{name}" is required', "error": "REQUIRED_PROPERTY", "name": name}


def _describe_blocked(email: str) -> Problem:
    message = f"{email} was deleted for privacy and cannot be added again"
    return {"isValid": False, "message": message, "error": "GDPR_BLOCKED", "name": "email"}


def fail_if_taken(shelf: Shelf, write: Write, slot: int | None) -> Write:
    """A unique value that belongs to another record than the one to be written."""
    write.slot = slot
    taken = None if write.status else shelf.find_taken(write.values)
    if taken is not None and taken != slot:
        return fail_taken(shelf, write, shelf.store.id_of(taken))
    return write


def fail_taken(shelf: Shelf, write: Write, record_id: str) -> Write:
    name = shelf.store.kind.singular.capitalize()
    return write.fail(409, CONFLICT, f"{name} already exists. Existing ID: {record_id}")


def has_trace_ids(writes: Sequence[Write]) -> bool:
    """Multi-status is opt-in: every input needs an id of its own."""
    traces = [write.given.get("objectWriteTraceId") for write in writes]
    return None not in traces and len(set(traces)) == len(traces)


def describe_failure(write: Write) -> dict[str, Any]:
    context = {"objectWriteTraceId": [write.given["objectWriteTraceId"]]}
    return {"status": "error", "category": write.category, "message": write.message, "context": context}


def describe_missing(shelf: Shelf, ids: list[str]) -> dict[str, Any]:
    message = f"Could not get some {shelf.store.kind.singular.upper()} objects, they may be deleted or not exist."
    return {"status": "error", "category": NOT_FOUND, "message": message, "context": {"ids": ids}}
