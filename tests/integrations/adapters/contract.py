"""What the tests of the adapters' promises do again and again."""

from datetime import UTC, datetime, timedelta

from integrations.adapters.registry import capabilities
from integrations.enums import SyncMode
from integrations.types import Window

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


def everything() -> Window:
    return Window(None, datetime.now(UTC))


def since_long_ago() -> Window:
    return Window(LONG_AGO, datetime.now(UTC) + timedelta(days=1))


def read_all(adapter, case, window):
    """All records, page by page, and the number of pages."""
    cursor, records, pages = {}, [], 0
    while cursor is not None:
        page = adapter.fetch_records(case.object_name, cursor, window, case.fields)
        records += page.records
        pages += 1
        cursor = page.next_cursor
    return records, pages


def upload(adapter, case, records, mode=SyncMode.UPSERT, trace="7-1"):
    return adapter.upload_batch(case.object_name, records, mode, case.key, trace=trace)


def fill(adapter, case, count):
    """Uploads `count` good records."""
    size = capabilities(case.platform).batch_limits.records
    for start in range(0, count, size):
        records = [case.make_record(i) for i in range(start, min(start + size, count))]
        assert all(result.ok for result in upload(adapter, case, records).results)


def adapter_credentials(case, url):
    """Credentials of the right shape for another address."""
    known = {"base_url": url, "access_token": "x", "client_id": "x", "client_secret": "x", "api_version": "62.0"}
    return case.sign_in(known)
