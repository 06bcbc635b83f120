"""Many calls handed in at once and carried out later. https://mailchimp.com/developer/marketing/api/batch-operations/"""

import random
import re
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode

from multidict import MultiDict

from integrations.sandbox.clock import Clock
from integrations.sandbox.mailchimp.archive import PACKED, pack_results
from integrations.sandbox.mailchimp.errors import answer_problem, read_json, refuse, refuse_invalid, refuse_missing
from integrations.sandbox.mailchimp.member import format_seconds
from integrations.sandbox.mailchimp.members import WRITE
from integrations.sandbox.mailchimp.options import Options
from integrations.sandbox.mailchimp.shaping import read_page, shape
from integrations.sandbox.settings import Settings
from integrations.sandbox.wire import Answer, Call, Refusal, Route, answer_json

MOST_PENDING = 500
LINK_SECONDS = 600
RESULTS = "/mailchimp-batch-results/{id}.tar.gz"
METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE"})
STATES = ("pending", "preprocessing", "started", "finalizing", "finished")
Operation = dict[str, Any]
Serve = Callable[[Call], Answer]


@dataclass(slots=True)
class Batch:
    """One batch; its operations are carried out at `due`."""

    id: str
    operations: list[Operation]
    submitted_at: float
    due: float
    base_url: str
    results: list[dict[str, Any]] = field(default_factory=list)
    failed: int = 0
    is_done: bool = False


class BatchesApi:
    """Works batches when somebody looks and their time has come, in an order of its own."""

    def __init__(self, serve: Serve, settings: Settings, clock: Clock) -> None:
        self._serve = serve
        self._options = settings.of(Options)
        self._clock = clock
        self._dice = random.Random(settings.seed)
        self._batches: dict[str, Batch] = {}
        self._links: dict[str, tuple[str, float]] = {}

    def routes(self) -> list[Route]:
        return [
            Route("GET", "/3.0/batches", self.list_batches),
            Route("POST", "/3.0/batches", self.take_batch, WRITE),
            Route("GET", "/3.0/batches/{id}", self.read_batch),
            Route("DELETE", "/3.0/batches/{id}", self.stop_batch, WRITE),
            Route("GET", RESULTS, self.hand_out, public=True),
        ]

    def settle(self) -> None:
        """Carry out what is due."""
        now = self._clock.now()
        for batch in self._batches.values():
            if not batch.is_done and batch.due <= now:
                self._work(batch)

    def take_batch(self, call: Call) -> Answer:
        operations = read_json(call.body).get("operations")
        if not isinstance(operations, list) or not operations:
            raise refuse_invalid(errors=[{"field": "operations", "message": "This value should not be blank."}])
        for at, one in enumerate(operations):
            check_operation(at, one)
        if sum(not batch.is_done for batch in self._batches.values()) >= MOST_PENDING:
            raise refuse(429, "Too Many Requests", "You have more than 500 pending batches.")
        now = self._clock.now()
        delay = self._options.mailchimp_batch_delay
        batch = Batch(secrets.token_hex(5), operations, now, now + 2 * delay, call.base_url)
        self._batches[batch.id] = batch
        return answer_json(shape(self._describe(batch), call.query))

    def read_batch(self, call: Call) -> Answer:
        return answer_json(shape(self._describe(self._find(call)), call.query))

    def list_batches(self, call: Call) -> Answer:
        count, offset = read_page(call.query)
        rows = [self._describe(batch) for batch in self._batches.values()]
        body = {"batches": rows[offset : offset + count], "total_items": len(rows), "_links": []}
        return answer_json(shape(body, call.query))

    def stop_batch(self, call: Call) -> Answer:
        """What it has done stays done; nobody can ask for it any more."""
        del self._batches[self._find(call).id]
        return Answer(204)

    def hand_out(self, call: Call) -> Answer:
        """As a store of files does: by its link alone, and for ten minutes."""
        batch_id, until = self._links.get(call.query.get("signature", ""), ("", 0.0))
        if "Authorization" in call.headers:
            return Answer(400, b"<Error><Code>InvalidArgument</Code></Error>", "application/xml")
        batch = self._batches.get(batch_id)
        if batch is None or batch_id != call.params["id"] or until <= self._clock.now():
            return Answer(403, b"<Error><Code>AccessDenied</Code></Error>", "application/xml")
        return Answer(200, pack_results(batch.id, batch.results), PACKED)

    def _find(self, call: Call) -> Batch:
        batch = self._batches.get(call.params["id"])
        if batch is None:
            raise refuse_missing()
        return batch

    def _describe(self, batch: Batch) -> dict[str, Any]:
        done = len(batch.results)
        return {
            "id": batch.id,
            "status": self._state(batch),
            "total_operations": len(batch.operations) if done else 0,
            "finished_operations": done,
            "errored_operations": batch.failed,
            "submitted_at": format_seconds(int(batch.submitted_at)),
            "completed_at": format_seconds(int(batch.due)) if batch.is_done else "",
            "response_body_url": self._link(batch) if batch.is_done else "",
            "_links": [],
        }

    def _state(self, batch: Batch) -> str:
        if batch.is_done:
            return STATES[-1]
        passed, whole = self._clock.now() - batch.submitted_at, batch.due - batch.submitted_at
        return STATES[min(3, int(4 * passed / whole))] if whole > 0 else STATES[0]

    def _link(self, batch: Batch) -> str:
        signature = secrets.token_hex(16)
        self._links[signature] = (batch.id, self._clock.now() + LINK_SECONDS)
        return f"{batch.base_url}{RESULTS.format(id=batch.id)}?{urlencode({'signature': signature})}"

    def _work(self, batch: Batch) -> None:
        batch.is_done = True
        order = list(batch.operations)
        self._dice.shuffle(order)
        for one in order:
            answer = self._serve(make_call(one, batch.base_url))
            batch.failed += answer.status >= 400
            told = {"status_code": answer.status, "operation_id": str(one.get("operation_id") or "")}
            batch.results.append({**told, "response": answer.body.decode()})


def check_operation(at: int, one: Any) -> None:
    if not isinstance(one, dict) or one.get("method") not in METHODS or not str(one.get("path", "")).startswith("/"):
        raise refuse_invalid(errors=[{"field": f"operations.item:{at}", "message": "Data did not match the schema."}])
    if one.get("body") is not None and not isinstance(one["body"], str):
        message = "Schema describes string, object found instead"
        raise refuse_invalid(errors=[{"field": f"operations.item:{at}.body", "message": message}])


def make_call(one: Operation, base_url: str) -> Call:
    """The call an operation describes."""
    path, _, query = str(one["path"]).partition("?")
    params = {name: str(value) for name, value in (one.get("params") or {}).items()}
    body = str(one.get("body") or "").encode()
    asked = MultiDict({**dict(parse_qsl(query)), **params})
    return Call(str(one["method"]), f"/3.0{path}", asked, {}, {}, body, base_url)


class Dispatcher:
    """Finds the handler for a call that did not come over the wire."""

    def __init__(self, routes: Sequence[Route]) -> None:
        self._routes = [(route, re.compile(re.sub(r"{(\w+)}", r"(?P<\1>[^/]+)", route.path))) for route in routes]

    def serve(self, call: Call) -> Answer:
        for route, pattern in self._routes:
            found = pattern.fullmatch(call.path)
            if found is not None and route.method == call.method:
                call.params = found.groupdict()
                try:
                    return route.handler(call)
                except Refusal as refusal:
                    return refusal.answer
        return answer_problem(404, "Resource Not Found", "The requested resource could not be found.")
