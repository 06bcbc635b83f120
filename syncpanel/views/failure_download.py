"""The Fix-it list as a file."""

from django.http import HttpRequest, StreamingHttpResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from integrations.enums import FailureStatus
from integrations.orchestrator.people import note_download
from integrations.queries.failure_rows import failure_rows
from integrations.queries.failures import FailureFilter, count_matching
from integrations.queries.reasons import reasons
from syncpanel.access import needs
from syncpanel.downloads import csv_download
from syncpanel.views.failures import SHELVES, filter_from

MOST_COUNTED = 1_000_000


@require_POST
@needs("integrations.fix_record")
def failure_download(request: HttpRequest) -> StreamingHttpResponse:
    """Everybody the filter describes, as CSV; that it was taken is in the activity."""
    asked = filter_from(request.GET)
    name = list_name(asked)
    note_download(request.user.get_username(), count_matching(asked, MOST_COUNTED), name)
    return csv_download(f"fix-it-list {name} {timezone.localdate()}", failure_rows(asked))


def list_name(asked: FailureFilter) -> str:
    """What the list is called on screen."""
    if asked.status != FailureStatus.OPEN:
        return SHELVES.get(asked.status, str(FailureStatus(asked.status).label))
    if not asked.code:
        return "Every reason"
    return next((group.title for group in reasons(asked.sync) if group.key == asked.reason), asked.code)
