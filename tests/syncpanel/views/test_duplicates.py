"""Possible duplicates: three panes, parts for htmx, and what a person decides there."""

import re

import pytest
from django.test import Client

from integrations.enums import DuplicateKind, DuplicateVerdict, FailureStatus
from integrations.models import Duplicate, FailedRecord
from integrations.models.blobs import pack
from integrations.orchestrator.schemas import keep
from syncpanel.views import duplicate_actions
from tests.factories import make_duplicate, make_lookalike, make_sync
from tests.syncpanel.views.people import BENCH, DRAWER, LEAD, undo_in

ONE = ["decide", "reopen"]
PATHS = [*(f"/duplicates/{{0}}/{act}/" for act in ONE), "/duplicates/bulk/", "/duplicates/undo/"]
SAME = {"verdict": "same"}


@pytest.fixture
def rows(db) -> list[Duplicate]:
    """The first of the list is the last made."""
    sync = make_sync(name="Newsletter audience")
    return [make_duplicate(sync, label=f"Ann {word}") for word in ("Zero", "Uno", "Two")]


@pytest.fixture
def lookalike(db) -> Duplicate:
    row = make_lookalike(
        label="Tomasz Okafor",
        sides=pack([{"LastName": "Okafor", "Company": ""}, {"id": "00Q1", "LastName": "Okafor", "Company": "Acme"}]),
    )
    keep(row.sync.destination, LEAD)
    return row


def page_of(answer) -> str:
    assert answer.status_code == 200
    return answer.content.decode()


def verdicts() -> list[str]:
    return list(Duplicate.objects.order_by("pk").values_list("verdict", flat=True))


@pytest.mark.parametrize("path", PATHS)
def test_an_answer_refuses_get_and_needs_the_right(signed_in, rows, path) -> None:
    path = path.format(rows[0].pk)
    assert signed_in("Admin").get(path).status_code == 405
    posted = {"verdict": "different", "do": "different", "all": "1"}
    assert signed_in("Viewer").post(path, posted).status_code == 403
    assert set(verdicts()) == {DuplicateVerdict.OPEN}


@pytest.mark.parametrize("path", PATHS)
def test_an_answer_without_the_csrf_token_is_refused(make_user, rows, path) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_user("Admin"))
    assert client.post(path.format(rows[0].pk)).status_code == 403


@pytest.mark.parametrize("path", [*PATHS[:2], "/duplicates/{0}/", "/duplicates/?record={0}"])
def test_what_does_not_exist_is_not_found(signed_in, db, path) -> None:
    client = signed_in("Fixer")
    assert (client.post if path in PATHS else client.get)(path.format(999)).status_code == 404


def test_who_only_looks_sees_both_sides_and_no_button(signed_in, rows) -> None:
    page = page_of(signed_in("Viewer").get("/duplicates/"))
    assert "Is this one person?" in page and "Side by side" in page
    assert "Same person, keep left" not in page and "data-row" not in page
    assert "Same person, keep left" in page_of(signed_in("Fixer").get("/duplicates/"))


def test_what_differs_is_marked_and_what_both_leave_empty_is_not_shown(signed_in, lookalike) -> None:
    page = page_of(signed_in().get("/duplicates/"))
    assert re.search(r'<tr class="differs"><th scope="row">Company<span class="vh"> \(differs\)', page)
    assert re.search(r'<tr><th scope="row">Last Name</th>', page)
    assert f'href="/failures/{FailedRecord.objects.get().pk}/"' in page
    assert "Same Last Name, but another address." in page


def test_the_navigation_counts_what_is_to_decide(signed_in, rows) -> None:
    page = page_of(signed_in().get("/limits/"))
    assert re.search(r'href="/duplicates/">.*Duplicates.*id="nav-to-decide" class="count">.*3<', page, re.DOTALL)
    Duplicate.objects.update(verdict=DuplicateVerdict.DIFFERENT)
    assert re.search(r'id="nav-to-decide" class="count" hidden', page_of(signed_in().get("/limits/")))


def test_nothing_to_decide_is_good_news(signed_in, db) -> None:
    page = page_of(signed_in().get("/duplicates/"))
    assert "Nothing to decide." in page and 'class="bench wide no-drawer"' in page


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("?q=zzz", "No one matches “zzz”."),
        ("?verdict=later", "Nothing here."),
        ("?kind=taken", "Nothing of this kind is left."),
        ("?verdict=nonsense&kind=x&sync=y&before=z&record=w", "Every kind"),
        ("?verdict=same", "One person"),
    ],
)
def test_what_a_url_asks_for_is_shown(signed_in, rows, query, said) -> None:
    assert said in page_of(signed_in().get(f"/duplicates/{query}"))


def test_htmx_gets_the_comparison_alone_or_all_panes(signed_in, rows) -> None:
    client = signed_in()
    page = page_of(client.get(f"/duplicates/?record={rows[0].pk}", headers=DRAWER))
    assert page.lstrip().startswith('<aside class="drawer card" id="drawer"') and "<html" not in page
    answer = client.get("/duplicates/?kind=same_key", headers=BENCH)
    assert page_of(answer).lstrip().startswith('<div class="bench wide" id="bench" hx-sync=')
    assert answer["HX-Push-Url"] == "/duplicates/?kind=same_key"
    assert page_of(answer).count('hx-swap-oob="true"') == 1


def test_a_short_address_leads_to_the_place_in_the_list(signed_in, rows) -> None:
    Duplicate.objects.update(verdict=DuplicateVerdict.LATER)
    answer = signed_in().get(f"/duplicates/{rows[1].pk}/")
    assert answer["Location"] == f"/duplicates/?verdict=later&record={rows[1].pk}"


def test_the_next_pair_comes_up_after_an_answer_with_the_same_filter(signed_in, rows) -> None:
    client = signed_in("Fixer")
    path = f"/duplicates/{rows[1].pk}/decide/?kind=same_key&record={rows[1].pk}"
    answer = client.post(path, SAME | {"keeps": rows[1].other_id})
    assert answer["Location"] == f"/duplicates/?kind=same_key&record={rows[0].pk}"
    assert verdicts() == ["open", "same", "open"] and Duplicate.objects.get(pk=rows[1].pk).keeps == rows[1].other_id
    page = page_of(client.get(answer["Location"]))
    assert "Ann Uno: one person." in page


@pytest.mark.parametrize(
    ("posted", "said"), [(SAME, "which of the two"), ({"verdict": "open"}, ""), ({"verdict": "nonsense"}, ""), ({}, "")]
)
def test_no_answer_is_no_decision(signed_in, rows, posted, said) -> None:
    answer = signed_in("Fixer").post(f"/duplicates/{rows[0].pk}/decide/", posted, follow=True)
    assert said in page_of(answer) and set(verdicts()) == {"open"}
    assert answer.redirect_chain == [(f"/duplicates/?record={rows[0].pk}", 302)]


def test_somebody_else_was_quicker(signed_in, rows) -> None:
    Duplicate.objects.update(verdict=DuplicateVerdict.SAME)
    answer = signed_in("Fixer").post(f"/duplicates/{rows[0].pk}/decide/", {"verdict": "different"}, follow=True)
    assert "Somebody else decided about these two a moment ago." in page_of(answer)


def test_one_press_of_undo_takes_it_back(signed_in, lookalike) -> None:
    client = signed_in("Fixer")
    page = client.post(f"/duplicates/{lookalike.pk}/decide/", SAME, follow=True)
    assert FailedRecord.objects.get().status == FailureStatus.RETRYING
    answer = client.post(undo_in(page), follow=True)
    assert "1 pair to be decided again." in page_of(answer)
    assert answer.redirect_chain == [(f"/duplicates/?record={lookalike.pk}", 302)]
    assert (verdicts(), FailedRecord.objects.get().status) == (["open"], FailureStatus.OPEN)
    assert "nothing to take back" in page_of(client.post(undo_in(page), follow=True))


def test_htmx_gets_all_panes_and_undo_with_the_message(signed_in, rows) -> None:
    path = f"/duplicates/{rows[0].pk}/decide/"
    page = signed_in("Fixer").post(path, {"verdict": "later"}, headers=BENCH, follow=True)
    assert "/duplicates/undo/?at=" in undo_in(page)
    assert page_of(page).lstrip().startswith('<div class="bench wide" id="bench" hx-sync=')


@pytest.mark.parametrize("at", ["", "?at=nonsense", "?at=2026-01-01T00:00:00", "?at=2026-01-01T00:00:00%2B00:00"])
def test_there_is_nothing_to_undo_of_a_moment_at_which_nothing_was_done(signed_in, rows, at) -> None:
    assert "nothing to take back" in page_of(signed_in("Fixer").post(f"/duplicates/undo/{at}", follow=True))


def test_a_decided_pair_says_who_said_what_and_can_be_asked_again(signed_in, rows) -> None:
    client = signed_in("Fixer")
    client.post(f"/duplicates/{rows[0].pk}/decide/", SAME | {"keeps": rows[0].source_id})
    page = page_of(client.get(f"/duplicates/{rows[0].pk}/", follow=True))
    assert f"One person: {rows[0].source_id} goes on, the other is left out." in page
    assert re.search(r"person\d+ said so", page) and "Same person" not in page
    answer = client.post(f"/duplicates/{rows[0].pk}/reopen/?verdict=same", follow=True)
    assert "Ann Zero is to be decided again." in page_of(answer)
    assert verdicts() == ["open"] * 3
    assert "nothing to take back" in page_of(client.post(f"/duplicates/{rows[0].pk}/reopen/", follow=True))


def test_many_are_decided_at_once_and_taken_back(signed_in, rows) -> None:
    client = signed_in("Fixer")
    page = client.post("/duplicates/bulk/", {"do": "same", "ids": [rows[0].pk, rows[2].pk]}, follow=True)
    assert "2 pairs: one person." in page_of(page) and verdicts() == ["same", "open", "same"]
    client.post(undo_in(page))
    assert verdicts() == ["open"] * 3
    client.post("/duplicates/bulk/?q=uno", {"do": "different", "all": "1"})
    assert verdicts() == ["open", "different", "open"]
    client.post("/duplicates/bulk/?verdict=different", {"do": "open", "all": "1"})
    assert verdicts() == ["open"] * 3


@pytest.mark.parametrize("posted", [{"do": "same"}, {"do": "x", "all": "1"}, {"do": "same", "ids": ["x", "-1"]}])
def test_nobody_selected_is_no_decision(signed_in, rows, posted) -> None:
    assert "Nobody was selected." in page_of(signed_in("Fixer").post("/duplicates/bulk/", posted, follow=True))


def test_what_could_not_be_decided_is_told(signed_in, rows) -> None:
    Duplicate.objects.filter(pk=rows[0].pk).update(verdict=DuplicateVerdict.SAME)
    ids = [row.pk for row in rows]
    page = page_of(signed_in("Fixer").post("/duplicates/bulk/", {"do": "different", "ids": ids}, follow=True))
    assert "2 pairs: two people. 1 pair could not be, and stayed as they were." in page


def test_of_more_than_can_be_decided_at_once_the_surest_are(signed_in, rows, monkeypatch) -> None:
    monkeypatch.setattr(duplicate_actions, "MOST", 2)
    Duplicate.objects.filter(pk=rows[1].pk).update(confidence=10)
    page = page_of(signed_in("Fixer").post("/duplicates/bulk/", {"do": "different", "all": "1"}, follow=True))
    assert "2 pairs: two people. These were the surest 2; press again for the next." in page
    assert verdicts() == ["different", "open", "different"]


def test_hostile_names_and_values_stay_words(signed_in, db) -> None:
    bad = "<script>alert(1)</script>"
    make_duplicate(
        label=bad, email=bad, other_label=bad, why=bad, sides=pack([{"id": "1", bad: bad}, {"id": "2", bad: 1}])
    )
    assert "<script>alert" not in page_of(signed_in("Fixer").get("/duplicates/"))


@pytest.mark.parametrize("number", [1, 50], ids=["one pair", "fifty pairs"])
def test_the_page_costs_the_same_for_one_and_for_fifty(signed_in, django_assert_max_num_queries, number) -> None:
    sync, client = make_sync(), signed_in("Fixer")
    for _ in range(number):
        make_duplicate(sync)
    client.get("/duplicates/")
    with django_assert_max_num_queries(19):
        client.get("/duplicates/")


def test_of_somebody_elses_record_over_there_a_person_says_whose_it_is(signed_in, db) -> None:
    row = make_lookalike(kind=DuplicateKind.TAKEN, other_id="4711")
    page = page_of(signed_in("Fixer").get("/duplicates/"))
    assert "Same person, send this one" in page and "Same person, stay with 4711" in page
    signed_in("Fixer").post(f"/duplicates/{row.pk}/decide/", SAME | {"keeps": "4711"})
    assert Duplicate.objects.get().keeps == "4711"
