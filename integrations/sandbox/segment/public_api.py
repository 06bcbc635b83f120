"""The Public API. https://docs.segmentapis.com/"""

from collections.abc import Callable, Sequence
from typing import Any

import orjson

from integrations.sandbox.clock import Clock, format_ms
from integrations.sandbox.segment import credentials
from integrations.sandbox.segment.errors import refuse_public
from integrations.sandbox.segment.ingest import SOURCES, Ingest, Source
from integrations.sandbox.segment.limits import RateLimits
from integrations.sandbox.segment.traits import describe_traits
from integrations.sandbox.wire import Answer, Call, Route, answer_json

MOST = 1_000
DEFAULT = 10
ALPHA = "application/vnd.segment.v1alpha+json"
WORKSPACE = {"id": credentials.WORKSPACE_ID, "slug": "sandbox", "name": "Sandbox workspace"}


class PublicApi:
    """What the workspace says about itself, and the deletion of people."""

    def __init__(
        self, ingest: Ingest, limits: RateLimits, clock: Clock, delete: Callable[[str, bool, bool], None]
    ) -> None:
        """`delete` gets whom, whether to forget, and whether to take no more of him."""
        self._ingest = ingest
        self._limits = limits
        self._clock = clock
        self._delete = delete
        self._regulations: list[dict[str, Any]] = []

    def routes(self) -> list[Route]:
        served = {
            "/": self.describe_workspace,
            "/echo": self.echo,
            "/sources": self.list_sources,
            "/sources/{id}": self.describe_source,
            "/spaces/{space}/traits": self.list_traits,
            "/delivery-overview/{kind}": self.tell_delivery,
            "/regulations/{id}": self.describe_regulation,
            "/suppressions": self.list_suppressions,
        }
        asked = [Route("GET", path, self._guard(path, handler), public=True) for path, handler in served.items()]
        return [*asked, Route("POST", "/regulations", self._guard("/regulations", self.regulate), public=True)]

    def _guard(self, path: str, handler: Callable[[Call], Answer]) -> Callable[[Call], Answer]:
        def serve(call: Call) -> Answer:
            if call.headers.get("Authorization") != f"Bearer {credentials.PUBLIC_TOKEN}" or call.revoked:
                raise refuse_public(401, "unauthorized", "The token is not valid.")
            self._limits.take_public(path)
            self._ingest.settle()
            return handler(call)

        return serve

    def describe_workspace(self, call: Call) -> Answer:
        return answer_json({"data": {"workspace": WORKSPACE}})

    def echo(self, call: Call) -> Answer:
        if call.query.get("triggerError") == "true":
            raise refuse_public(int(call.query.get("statusCode", 500)), "server", "You asked for it.")
        return answer_json({"data": {"message": call.query.get("message", "")}})

    def list_sources(self, call: Call) -> Answer:
        return self._answer_page(call, "sources", [_show_source(source) for source in SOURCES])

    def describe_source(self, call: Call) -> Answer:
        found = next((source for source in SOURCES if source.id == call.params["id"]), None)
        if found is None:
            raise refuse_public(404, "not-found", "The source was not found.")
        return answer_json({"data": {"source": _show_source(found)}})

    def list_traits(self, call: Call) -> Answer:
        """An alpha endpoint: asked for by its media type."""
        if call.params["space"] != credentials.SPACE_ID:
            raise refuse_public(404, "not-found", "The space was not found.")
        if call.headers.get("Accept") != ALPHA:
            raise refuse_public(406, "validation", "This endpoint is in alpha.", field="Accept")
        profiles = self._ingest.accounts if call.query.get("collection") == "accounts" else self._ingest.users
        with_samples = call.query.get("includeSampleValues") == "true"
        rows = describe_traits(profiles, call.query.get("search", ""), with_samples)
        return self._answer_page(call, "traits", rows)

    def tell_delivery(self, call: Call) -> Answer:
        """How many, of each kind of end."""
        kept = self._ingest.counts.total() - self._ingest.counts["repeated"]
        counts = {"successfully-received": kept, "failed-on-ingest": self._ingest.losses.total()}
        row = {"time": format_ms(self._clock.now_ms()), "count": counts.get(call.params["kind"], 0)}
        return self._answer_page(call, "dataset", [row])

    def regulate(self, call: Call) -> Answer:
        asked = _read(call.body)
        kind, ids = str(asked.get("regulationType", "")), asked.get("subjectIds")
        if not isinstance(ids, list) or asked.get("subjectType") not in ("USER_ID", "OBJECT_ID"):
            raise refuse_public(422, "validation", "subjectIds and subjectType are required.", field="subjectIds")
        for one in map(str, ids):
            self._delete(one, "DELETE" in kind, "SUPPRESS" in kind and kind != "UNSUPPRESS")
        row = {"id": f"reg_{len(self._regulations) + 1}", "status": "FINISHED", "regulationType": kind}
        self._regulations.append(row)
        return answer_json({"data": {"regulateId": row["id"]}})

    def describe_regulation(self, call: Call) -> Answer:
        found = next((row for row in self._regulations if row["id"] == call.params["id"]), None)
        if found is None:
            raise refuse_public(404, "not-found", "The regulation was not found.")
        return answer_json({"data": {"regulation": found}})

    def list_suppressions(self, call: Call) -> Answer:
        rows = [{"attributes": [one]} for one in sorted(self._ingest.suppressed)]
        return self._answer_page(call, "suppressed", rows)

    def _answer_page(self, call: Call, name: str, rows: Sequence[Any]) -> Answer:
        """The vendor's library asks with JSON in one parameter; brackets are understood too."""
        asked = _read(call.query.get("pagination", "{}").encode())
        count = int(asked.get("count") or call.query.get("pagination[count]") or DEFAULT)
        if not 1 <= count <= MOST:
            raise refuse_public(422, "validation", f"count is between 1 and {MOST}.", field="pagination.count")
        start = int(asked.get("cursor") or call.query.get("pagination[cursor]") or 0)
        paging: dict[str, Any] = {"current": str(start), "totalEntries": len(rows)}
        if start + count < len(rows):
            paging["next"] = str(start + count)
        return answer_json({"data": {name: list(rows[start : start + count]), "pagination": paging}})


def _show_source(source: Source) -> dict[str, Any]:
    return {
        "id": source.id,
        "slug": source.slug,
        "name": source.name,
        "workspaceId": credentials.WORKSPACE_ID,
        "enabled": source.is_enabled,
        "writeKeys": [source.write_key],
        "metadata": {"slug": source.slug},
        "settings": {},
        "labels": [],
    }


def _read(body: bytes) -> dict[str, Any]:
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError as exc:
        raise refuse_public(400, "validation", "Malformed JSON.") from exc
    return found if isinstance(found, dict) else {}
