"""Names, values and messages come from people and platforms: on every page they are words, never markup."""

import re

import pytest
from django.utils import timezone

from integrations.enums import ConnectionState, Kind, Stage, Status
from integrations.models import Mapping, MappingDraft, MappingSample, MappingVersion, SyncJob
from integrations.models.blobs import pack
from integrations.orchestrator.events import append
from tests.factories import IDENTITY, make_connection, make_failure, make_job, make_sync
from tests.integrations.queries.rows import make_batch

EVIL = """</textarea></script><script>evil()</script><img src=x onerror=evil()>'"><svg onload=evil()>{{ evil }}"""
SHORT = """<b>evil</b>'" onclick=evil() """
MARKUP = re.compile(r"<script>|<img src=x|<svg onload|<b>evil|</textarea></script>|[\"'] onclick=evil", re.IGNORECASE)
PAGES = [
    "/",
    "/activity/",
    "/activity/?by={evil}",
    "/connections/",
    "/connections/?after={evil}",
    "/connections/{connection}/",
    "/connections/{connection}/edit/",
    "/connections/{connection}/edit/?method={evil}",
    "/connections/{connection}/incoming/",
    "/failures/",
    "/failures/?record={failure}",
    "/failures/?reason={evil}:{evil}&q={evil}&status={evil}",
    "/failures/?job={job}",
    "/incoming/",
    "/incoming/?q={evil}&status={evil}&source={evil}",
    "/incoming/?source={connection}&q={evil}",
    "/jobs/",
    "/jobs/?status={evil}&sync={evil}",
    "/jobs/{job}/",
    "/jobs/{job}/?events=all",
    "/jobs/{job}/batches/",
    "/jobs/{job}/batches/1/",
    "/jobs/{job}/events/",
    "/jobs/{job}/live/",
    "/limits/",
    "/live/",
    "/mappings/",
    "/mappings/{mapping}/",
    "/mappings/{mapping}/?view={evil}&record={evil}",
    "/mappings/{mapping}/exchanges/",
    "/mappings/{mapping}/fields/",
    "/mappings/{mapping}/live/",
    "/mappings/{mapping}/people/made-up/",
    "/mappings/{mapping}/publish/",
    "/mappings/{mapping}/rehearsal/",
    "/mappings/{mapping}/trials/",
    "/mappings/{mapping}/versions/",
    "/mappings/{mapping}/versions/?old={evil}&new=1",
    "/mappings/add/?source={evil}",
    "/syncs/",
    "/syncs/{sync}/",
    "/syncs/?after={evil}",
    "/{evil}/",
]


@pytest.fixture
def values(db, settings) -> dict[str, object]:
    """An installation in which everything anybody could name is named by somebody who means harm."""
    settings.DEMO, settings.SANDBOX_URL = True, "http://127.0.0.1:9"
    line = {"label": SHORT, "ok": False, "fix": EVIL, "technical": EVIL}
    ends = {
        side: make_connection(
            platform,
            name=f"{platform} {SHORT}",
            account=EVIL[:120],
            state=ConnectionState.TROUBLE,
            state_message=EVIL,
            breaker_reason=EVIL,
            breaker_open_until=timezone.now(),
            last_check={"lines": [line]},
            last_checked_at=timezone.now(),
            settings={"base_url": EVIL, "client_id": EVIL},
        )
        for side, platform in (("source", "hubspot"), ("destination", "salesforce"))
    }
    mapping = make_hostile_mapping(ends["source"], ends["destination"])
    sync = make_sync(name=f"Sync {SHORT}", mapping=mapping, **ends)
    job = make_hostile_job(make_job(sync))
    failure = make_failure(
        job,
        label=EVIL[:120],
        email=SHORT,
        source_id=SHORT,
        code="required_missing",
        field=SHORT,
        title=EVIL[:120],
        message=EVIL,
        technical=EVIL,
        received=pack({"id": SHORT, EVIL: EVIL, "list": [EVIL]}),
        mapped=pack({EVIL: EVIL, "Company": EVIL}),
        corrections={SHORT: EVIL},
    )
    return {
        "connection": ends["source"].pk,
        "failure": failure.pk,
        "job": job.pk,
        "mapping": mapping.pk,
        "sync": sync.pk,
        "evil": "%3Cscript%3Eevil()%3C/script%3E%22%27%20onclick=evil()",
    }


def make_hostile_mapping(source, destination) -> Mapping:
    mapping = Mapping.objects.create(
        name=f"Mapping {SHORT}",
        source_platform="hubspot",
        source_object="contacts",
        source_connection=source,
        destination_platform="salesforce",
        destination_object="Lead",
        destination_connection=destination,
    )
    rule = {"field": SHORT, "text": EVIL, "by": "hand"}
    told = {"instructions": EVIL, "code": f"# {EVIL}\n{IDENTITY}", "rules": [rule]}
    mapping.published = MappingVersion.objects.create(mapping=mapping, number=1, author=SHORT, note=EVIL, **told)
    mapping.save()
    MappingDraft.objects.create(
        mapping=mapping,
        based_on=mapping.published,
        updated_by=SHORT,
        updated_at=timezone.now(),
        editors=[SHORT],
        questions=[{"field": SHORT, "text": EVIL, "answer": EVIL}],
        **told,
    )
    record = {"id": SHORT, "email": SHORT, "firstname": EVIL, "lastname": EVIL, EVIL: EVIL}
    person = {"position": 1, "source_id": SHORT, "record": pack(record), "fetched_at": timezone.now()}
    MappingSample.objects.create(mapping=mapping, **person)
    append(mapping.stream, Kind.MAPPING_CREATED, {"name": EVIL}, SHORT)
    return mapping


def make_hostile_job(job: SyncJob) -> SyncJob:
    append(job.sync.stream, Kind.SYNC_CREATED, {"name": EVIL}, SHORT)
    SyncJob.objects.filter(pk=job.pk).update(
        status=Status.STUCK,
        stage=Stage.UPLOADING,
        actor=SHORT,
        reason=EVIL,
        reason_code=SHORT[:60],
        failures_open=1,
        started_at=timezone.now(),
    )
    call = {"method": SHORT, "url": f"https://x/{EVIL}", "request": EVIL, "status": 200, "response": EVIL}
    make_batch(job, 1, calls=[call])
    job.refresh_from_db()
    return job


@pytest.mark.parametrize("role", ["Viewer", "Admin"])
@pytest.mark.parametrize("path", PAGES)
def test_hostile_words_are_shown_and_never_obeyed(signed_in, values, path, role):
    client = signed_in(role)
    for headers in ({}, {"HX-Request": "true"}):
        answer = client.get(path.format(**values), headers=headers)
        assert answer.status_code in {200, 204, 302, 403, 404}, answer.status_code
        assert not MARKUP.search(answer.content.decode())
        assert "evil" not in str(answer.headers).replace("%3Cscript%3Eevil", "").replace("=evil()", "")


def test_the_words_are_there_at_all(signed_in, values):
    for path in ("/failures/?record={failure}", "/jobs/{job}/batches/1/", "/mappings/{mapping}/", "/connections/"):
        assert "&lt;" in signed_in("Admin").get(path.format(**values)).content.decode(), path
