"""The Fix-it list: three panes, parts for htmx, addresses that can be shared."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from integrations.enums import FailureStatus, RecordEventKind
from integrations.models import Duplicate, FailedRecord, RecordEvent
from integrations.models.blobs import pack
from integrations.orchestrator.schemas import keep
from tests.factories import make_failure, make_job, make_lookalike, make_sync
from tests.syncpanel.views.people import BENCH, DRAWER, LEAD


@pytest.fixture
def record(db) -> FailedRecord:
    job = make_job(make_sync(name="Newsletter audience"), failures_open=1)
    keep(job.sync.destination, LEAD)
    return make_failure(
        job, label="Tomasz Okafor", received=pack({"id": "9", "company": "", "lastname": "okafor", "city": "Ulm"})
    )


def page_of(answer) -> str:
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_record_shows_problem_form_both_sides_and_history(signed_in, record):
    RecordEvent.objects.create(
        sync=record.sync_id,
        job=record.job_id,
        kind=RecordEventKind.INVALID,
        source_id=record.source_id,
        detail="required_missing",
        at=record.created_at,
    )
    page = page_of(signed_in("Fixer").get(f"/failures/?record={record.pk}"))
    assert "Company is empty, but Salesforce needs it." in page
    assert re.search(r'<label for="id_Company">Company', page)
    assert re.search(r'<tr class="bad"><th scope="row">Company</th>', page)
    assert "From HubSpot" in page
    assert "To Salesforce" in page
    assert ">Ulm<" in page
    assert "Held back: A value is missing" in page
    assert f'href="/jobs/{record.job_id}/"' in page


def test_a_shared_address_opens_the_drawer_on_phones_too(signed_in, record):
    client = signed_in()
    assert 'class="work drawer-open"' in page_of(client.get(f"/failures/?record={record.pk}"))
    assert 'class="work"' in page_of(client.get("/failures/"))


def test_a_short_address_leads_to_the_place_in_the_list(signed_in, record):
    FailedRecord.objects.update(status=FailureStatus.DISMISSED)
    answer = signed_in().get(f"/failures/{record.pk}/")
    assert answer["Location"] == f"/failures/?status=dismissed&record={record.pk}"
    assert signed_in().get("/failures/999/").status_code == 404


def test_htmx_gets_the_drawer_alone(signed_in, record):
    page = page_of(signed_in().get(f"/failures/?record={record.pk}", headers=DRAWER))
    assert page.lstrip().startswith('<aside class="drawer card" id="drawer"')


def test_htmx_gets_all_panes_with_the_new_count_and_the_address(signed_in, record):
    answer = signed_in().get("/failures/?reason=required_missing:Company", headers=BENCH)
    page = page_of(answer)
    assert page.lstrip().startswith('<div class="bench" id="bench"')
    assert page.count('hx-swap-oob="true"') == 2
    assert answer["HX-Push-Url"] == "/failures/?reason=required_missing:Company"


def test_a_group_says_what_it_means_and_can_be_set_for_many(signed_in, record):
    page = page_of(signed_in("Fixer").get("/failures/?reason=required_missing:Company"))
    assert "Company is empty, but Salesforce needs it." in page
    assert "Company for all selected" in page
    assert "for all selected" not in page_of(signed_in("Fixer").get("/failures/"))


@pytest.fixture
def suggested(record) -> FailedRecord:
    fix = {"values": {"Company": "Kestrel"}, "why": "the e-mail address ends in kestrel.example"}
    FailedRecord.objects.filter(pk=record.pk).update(suggestion=fix, has_suggestion=True)
    make_failure(record.job, label="Noor Castellanos")
    return record


def test_a_suggestion_is_counted_listed_and_put_into_the_form(signed_in, suggested):
    page = page_of(signed_in("Fixer").get(f"/failures/?reason=required_missing:Company&record={suggested.pk}"))
    assert "1 has a suggestion" in page
    assert "Use suggestion for 1" in page
    assert '<span class="sug cut">Kestrel</span>' in page
    assert "No suggestion" in page
    assert "Suggested because the e-mail address ends in kestrel.example" in page
    assert re.search(r'name="Company" value="Kestrel"', page)
    assert 'name="do" value="suggest"' in page


def test_a_viewer_sees_suggestions_and_is_offered_none(signed_in, suggested):
    page = page_of(signed_in("Viewer").get("/failures/?reason=required_missing:Company"))
    assert '<span class="sug cut">Kestrel</span>' in page
    assert 'value="suggest"' not in page
    assert "/failures/download/" not in page


def test_only_those_with_a_suggestion_are_shown_when_asked(signed_in, suggested):
    page = page_of(signed_in("Fixer").get("/failures/?suggested=1"))
    assert "Tomasz Okafor" in page
    assert "Noor Castellanos" not in page
    assert 'href="?"' in page or 'href="."' in page, "the filter can be taken away"
    FailedRecord.objects.update(has_suggestion=False)
    assert "Nobody here has a suggestion." in page_of(signed_in("Fixer").get("/failures/?suggested=1"))


def test_what_was_fixed_is_shown_for_a_week(signed_in, record):
    FailedRecord.objects.update(status=FailureStatus.FIXED, resolved_at=timezone.now() - timedelta(days=6))
    assert "Tomasz Okafor" in page_of(signed_in().get("/failures/?status=fixed"))
    FailedRecord.objects.update(resolved_at=timezone.now() - timedelta(days=8))
    page = page_of(signed_in().get("/failures/?status=fixed"))
    assert "Tomasz Okafor" not in page
    assert "Fixed this week" in page


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("q=nobody", "No one matches “nobody”."),
        ("status=fixed", "Nobody here."),
        ("reason=too_long:Phone", "Nobody is left with this reason."),
    ],
)
def test_an_empty_list_says_why_it_is_empty(signed_in, record, query, said):
    assert said in page_of(signed_in().get(f"/failures/?{query}"))


def test_a_list_with_nobody_is_good_news(signed_in, db):
    page = page_of(signed_in().get("/failures/"))
    assert "All caught up." in page
    assert 'id="drawer"' not in page


def test_links_keep_what_was_asked_for(signed_in, record):
    make_failure(record.job)
    page = page_of(signed_in().get(f"/failures/?job={record.job_id}&reason=required_missing:Company"))
    links = re.findall(r'<a class="pname cut" href="([^"]+)"', page)
    assert len(links) == 2
    for link in links:
        assert f"job={record.job_id}" in link
        assert "reason=required_missing%3ACompany" in link


@pytest.mark.parametrize(
    ("role", "status", "offered"),
    [
        ("Fixer", FailureStatus.RETRYING, ["withdraw"]),
        ("Fixer", FailureStatus.DISMISSED, ["restore"]),
        ("Fixer", FailureStatus.FIXED, []),
        ("Viewer", FailureStatus.DISMISSED, []),
        ("Viewer", FailureStatus.RETRYING, []),
    ],
)
def test_what_is_no_longer_open_can_only_be_taken_back(signed_in, record, role, status, offered):
    now = timezone.now()
    FailedRecord.objects.update(status=status, resolved_by="dana@example.com", resolved_at=now)
    page = page_of(signed_in(role).get(f"/failures/?status={status}&record={record.pk}"))
    assert "Tomasz Okafor" in page
    assert "by dana" in page
    assert set(re.findall(rf'action="/failures/{record.pk}/(\w+)/', page)) == set(offered)
    assert set(re.findall(r'name="do" value="(\w+)"', page)) == set(offered)


def test_what_is_in_a_batch_is_not_offered_to_be_taken_back(signed_in, record):
    FailedRecord.objects.update(status=FailureStatus.RETRYING, repair_batch=3)
    page = page_of(signed_in("Fixer").get(f"/failures/?status=retrying&record={record.pk}"))
    assert f"/failures/{record.pk}/withdraw/" not in page


def test_a_name_with_markup_in_it_is_escaped(signed_in, record):
    FailedRecord.objects.update(label="<script>alert(1)</script>", message="<b>bold</b>")
    page = page_of(signed_in().get(f"/failures/?record={record.pk}"))
    assert "<script>alert" not in page
    assert "<b>bold" not in page


def test_a_record_nothing_usable_came_of_can_be_opened(signed_in, record):
    FailedRecord.objects.update(received=None, mapped=None, field="", technical="half a record")
    page = page_of(signed_in("Fixer").get(f"/failures/?record={record.pk}"))
    assert "Nothing usable was received." in page
    assert "half a record" in page


def test_the_list_costs_the_same_for_one_person_and_for_fifty(signed_in, record, django_assert_max_num_queries):
    client = signed_in("Fixer")

    def count_queries() -> int:
        with django_assert_max_num_queries(30) as counted:
            page_of(client.get("/failures/?reason=required_missing:Company"))
        return len(counted)

    before = count_queries()
    for _ in range(49):
        make_failure(record.job)
    assert count_queries() - before <= 1  # the neighbour below exists now, so its query finds a row at once


def test_one_that_waits_for_a_decision_leads_to_both_side_by_side(signed_in, db):
    row = make_lookalike()
    failed = FailedRecord.objects.get()
    page = page_of(signed_in("Fixer").get(f"/failures/?record={failed.pk}"))
    assert re.search(rf'href="/duplicates/{row.pk}/">.*Compare the two and decide<', page)
    assert "Compare the two<" in page_of(signed_in("Viewer").get(f"/failures/?record={failed.pk}"))
    Duplicate.objects.all().delete()
    assert "Compare the two" not in page_of(signed_in("Fixer").get(f"/failures/?record={failed.pk}"))
