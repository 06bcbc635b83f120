"""What a person may do with incoming events: have one read again, or many that nobody could read."""

from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from integrations.exceptions import RefusedTransitionError
from integrations.models import WebhookDelivery
from integrations.queries.deliveries import matching_ids
from integrations.webhooks.commands import send_again, send_all_again
from syncpanel.access import needs
from syncpanel.templatetags.words import nouns
from syncpanel.views.deliveries import filter_from

MOST = 5_000
MORE = f" These were the oldest {MOST:,}; press again for the next."


@require_POST
@needs("integrations.operate_job")
def delivery_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Have one read as if it came in now."""
    try:
        send_again(pk, request.user.get_username())
    except WebhookDelivery.DoesNotExist as exc:
        raise Http404 from exc
    except RefusedTransitionError as refusal:
        messages.warning(request, refusal.message)
    else:
        messages.success(request, "Sent again. It is read in a moment, as if it came in now.")
    return _back(request, pk)


@require_POST
@needs("integrations.operate_job")
def delivery_bulk(request: HttpRequest) -> HttpResponse:
    """The same with those ticked, or with all of the list, that nobody could read."""
    ids = matching_ids(filter_from(request.GET), MOST + 1) if request.POST.get("all") else _ticked(request.POST)
    done = send_all_again(ids[:MOST], request.user.get_username())
    if done:
        said = f"{nouns(done, 'event is,events are')} read again in a moment."
        messages.success(request, said + (MORE if len(ids) > MOST else ""))
    else:
        messages.warning(request, "No event was selected that could be read again.")
    return _back(request)


def _ticked(posted: QueryDict) -> list[int]:
    return [int(value) for value in posted.getlist("ids") if value.isascii() and value.isdigit() and len(value) < 19][
        :1_000
    ]


def _back(request: HttpRequest, record: int | None = None) -> HttpResponse:
    """To the list with the same filter."""
    asked = [(name, value) for name, values in request.GET.lists() for value in values if name not in {"record", "v"}]
    query = urlencode([*asked, *([("record", record)] if record else [])])
    return redirect(f"{reverse('delivery-list')}?{query}" if query else reverse("delivery-list"))
