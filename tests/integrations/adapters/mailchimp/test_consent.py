"""What a sync may do to what people agreed to."""

import pytest

from integrations.adapters.mailchimp.audiences import Audience
from integrations.adapters.mailchimp.consent import Consent, Decision

STATUSES = ("subscribed", "unsubscribed", "cleaned", "pending", "transactional")


def make_consent(*, asks_all=False, new_people="subscribed", archived_people="leave"):
    return Consent(Audience("abc", "Newsletter", asks_all, False), new_people, archived_people)


@pytest.mark.parametrize("asks_all", [False, True])
@pytest.mark.parametrize("current", STATUSES)
def test_a_sync_of_profiles_never_writes_a_status(current, asks_all):
    assert make_consent(asks_all=asks_all).decide(current, "") == Decision()


@pytest.mark.parametrize(
    ("current", "wanted", "decision"),
    [
        ("subscribed", "subscribed", Decision()),
        ("unsubscribed", "subscribed", Decision(refuse="needs_opt_in")),
        ("cleaned", "subscribed", Decision(refuse="needs_opt_in")),
        ("pending", "subscribed", Decision()),
        ("transactional", "subscribed", Decision(write="subscribed")),
        ("archived", "subscribed", Decision(write="subscribed")),
        ("subscribed", "unsubscribed", Decision(write="unsubscribed")),
        ("cleaned", "unsubscribed", Decision()),
        ("subscribed", "pending", Decision()),
        ("unsubscribed", "pending", Decision(write="pending")),
        ("subscribed", "transactional", Decision(write="transactional")),
        ("subscribed", "cleaned", Decision(write="cleaned")),
    ],
)
def test_a_status_written_on_purpose_becomes_what_it_may(current, wanted, decision):
    assert make_consent().decide(current, wanted) == decision


@pytest.mark.parametrize("current", ["transactional", "archived"])
def test_where_everyone_must_confirm_they_are_asked_first(current):
    assert make_consent(asks_all=True).decide(current, "subscribed") == Decision(write="pending")


def test_who_is_archived_stays_so_unless_the_connection_says_otherwise():
    assert make_consent().decide("archived", "") == Decision(refuse="archived")
    adding = make_consent(archived_people="add")
    assert adding.decide("archived", "") == Decision(write="subscribed")
    assert adding.decide("archived", "", "transactional") == Decision(write="transactional")


@pytest.mark.parametrize(
    ("asks_all", "new_people", "wanted", "status"),
    [
        (False, "subscribed", "", "subscribed"),
        (True, "subscribed", "", "pending"),
        (True, "transactional", "", "transactional"),
        (False, "transactional", "", "transactional"),
        (False, "pending", "", "pending"),
        (False, "pending", "subscribed", "subscribed"),
        (True, "pending", "subscribed", "pending"),
        (True, "subscribed", "unsubscribed", "unsubscribed"),
    ],
)
def test_what_new_people_become(asks_all, new_people, wanted, status):
    assert make_consent(asks_all=asks_all, new_people=new_people).of_new(wanted) == status


@pytest.mark.parametrize("asks_all", [False, True])
def test_only_what_mailchimp_itself_guards_is_sent_without_a_look(asks_all):
    consent = make_consent(asks_all=asks_all)
    at_once = {status for status in (*STATUSES, "") if consent.may_send_at_once(status)}
    assert at_once == {"unsubscribed", "cleaned"} | (set() if asks_all else {"subscribed"})
