"""An audience whose list behaves as Mailchimp's does, and whose people change between two pages."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import httpx

from tests.integrations.adapters.mailchimp.conftest import MEMBERS


class List:
    """Members by last change, given out by position. `meanwhile` is called before each page, with its number."""

    def __init__(self, stamps: dict[str, int], meanwhile: Callable[["List", int], None] = lambda *_: None) -> None:
        self.stamps = dict(stamps)
        self.meanwhile = meanwhile
        self.queries: list[dict[str, str]] = []
        self.is_inclusive = False
        self.most = 1_000

    def __call__(self, request: httpx.Request) -> httpx.Response:
        assert request.url.path == MEMBERS
        query = dict(request.url.params)
        self.meanwhile(self, len(self.queries))
        self.queries.append(query)
        rows = sorted(self.stamps.items(), key=lambda one: (one[1], one[0]))
        since, before = _read(query.get("since_last_changed")), _read(query.get("before_last_changed"))
        rows = [one for one in rows if since is None or one[1] > since or (self.is_inclusive and one[1] == since)]
        rows = [one for one in rows if before is None or one[1] < before]
        start = int(query["offset"])
        page = rows[start : start + min(self.most, int(query["count"]))]
        body = {"members": [_member(*one) for one in page], "total_items": len(rows)}
        return httpx.Response(200, json=body)


def _read(text: str | None) -> int | None:
    return int(datetime.fromisoformat(text).timestamp()) if text else None


def _member(name: str, stamp: int) -> dict[str, Any]:
    changed = datetime.fromtimestamp(stamp).astimezone().isoformat()
    return {"id": name, "contact_id": name, "status": "subscribed", "last_changed": changed, "merge_fields": {}}
