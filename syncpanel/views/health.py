"""For machines: does it work, and how much does it do."""

import secrets
from collections.abc import Iterator

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from integrations.queries.health import IncomingNumbers, Numbers, read_health, read_numbers
from syncpanel.clients import has_guessed_too_often, note_wrong_guess


@login_not_required
@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """200 when web, database, workers and beat are alive, else 503 and which is not. `?only=web` asks nobody else."""
    if request.GET.get("only") == "web":
        return JsonResponse({"ok": True})
    health = read_health()
    answer = {"ok": health.is_ok, "database": health.has_database, "workers": health.workers, "beats": health.beats}
    return JsonResponse(answer, status=200 if health.is_ok else 503)


@login_not_required
@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus text for whoever has METRICS_TOKEN; without one configured the page does not exist."""
    if not settings.METRICS_TOKEN:
        raise Http404
    if has_guessed_too_often(request, "metrics"):
        return HttpResponse("Too many wrong tokens.\n", status=429, content_type="text/plain")
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not secrets.compare_digest(given.encode(), settings.METRICS_TOKEN.encode()):
        note_wrong_guess(request, "metrics")
        return HttpResponse("This page needs the metrics token.\n", status=401, content_type="text/plain")
    registry = CollectorRegistry()
    registry.register(_Numbers(read_numbers()))
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_PLAIN_0_0_4)


class _Numbers:
    """Numbers that were read a moment ago, in the shape the client library asks for."""

    def __init__(self, numbers: Numbers) -> None:
        self._numbers = numbers

    def collect(self) -> Iterator[Metric]:
        numbers = self._numbers
        yield GaugeMetricFamily("syncpanel_up", "1 when jobs are being worked on", value=int(numbers.health.is_ok))
        yield GaugeMetricFamily("syncpanel_worker_groups", "Worker groups alive", value=numbers.health.workers)
        yield GaugeMetricFamily("syncpanel_beats", "Beats alive", value=numbers.health.beats)
        yield GaugeMetricFamily("syncpanel_jobs_due", "Jobs that wait for a worker", value=numbers.due)
        yield GaugeMetricFamily("syncpanel_failed_records_open", "Records to fix", value=numbers.failures_open)
        skew = "Most seconds that a host's clock differs from the database's"
        yield GaugeMetricFamily("syncpanel_clock_skew_seconds", skew, value=numbers.clock_skew)
        yield _by_label("syncpanel_jobs", "Jobs by status", "status", numbers.jobs_by_status)
        yield _by_label("syncpanel_connections", "Connections by state", "state", numbers.connections_by_state)
        records = CounterMetricFamily("syncpanel_records", "Records of all jobs by outcome", labels=["outcome"])
        for outcome, total in numbers.records.items():
            records.add_metric([outcome], total)
        yield records
        yield from _incoming(numbers.incoming)


def _incoming(numbers: IncomingNumbers) -> Iterator[Metric]:
    yield CounterMetricFamily("syncpanel_incoming_received", "Incoming events stored", value=numbers.received)
    yield CounterMetricFamily("syncpanel_incoming_refused", "Incoming calls refused", value=numbers.refused)
    yield GaugeMetricFamily("syncpanel_incoming_waiting", "Incoming events nobody has read yet", value=numbers.waiting)
    oldest = "Seconds the oldest of them has waited"
    yield GaugeMetricFamily("syncpanel_incoming_oldest_waiting_seconds", oldest, value=numbers.oldest_seconds)
    yield GaugeMetricFamily("syncpanel_incoming_quiet", "Connections that went quiet", value=numbers.quiet)


def _by_label(name: str, text: str, label: str, counts: dict[str, int]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, text, labels=[label])
    for word, count in counts.items():
        family.add_metric([word], count)
    return family
