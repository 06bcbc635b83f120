"""What a person says of two records that may be one person: carried out, remembered, told, taken back."""

from datetime import timedelta

import pytest
from django.utils import timezone

from integrations.enums import DuplicateKind, DuplicateVerdict, FailureStatus, Kind, Stage, Status
from integrations.exceptions import RefusedTransitionError
from integrations.models import Agreement, Duplicate, Event, FailedRecord, RecordLink, Sync, SyncJob, TwoWay
from integrations.models.blobs import pack
from integrations.orchestrator import duplicates
from integrations.orchestrator.duplicates import decide, decide_many, take_back
from integrations.orchestrator.identity import ENOUGH, are_enough, losers_of, note_same_key, sides, unnoticed
from tests.factories import make_duplicate, make_job, make_lookalike, make_sync

pytestmark = pytest.mark.django_db
OPEN, SAME, DIFFERENT, LATER = DuplicateVerdict.OPEN, DuplicateVerdict.SAME, DuplicateVerdict.DIFFERENT, "later"


def link(sync: Sync, source_id: str, there: str, key: int = 1) -> RecordLink:
    hashes = {"source_hash": b"s" * 16, "content_hash": b"c" * 16, "key_hash": key}
    return RecordLink.objects.create(
        sync=sync.pk,
        source_id=source_id,
        destination_id=there,
        mapping_version=1,
        job=1,
        updated_at=timezone.now(),
        **hashes,
    )


def links(sync: Sync) -> dict[str, str]:
    return dict(RecordLink.objects.filter(sync=sync.pk).values_list("source_id", "destination_id"))


def held(row: Duplicate) -> str:
    return FailedRecord.objects.get(sync=row.sync_id, source_id=row.source_id).status


class TestOnePerson:
    def test_the_one_that_goes_on_takes_over_the_link_and_the_other_is_left_out(self) -> None:
        row = make_duplicate()
        link(row.sync, row.source_id, "00Q1")
        decide(row.pk, SAME, "dana", keeps=row.other_id)
        assert links(row.sync) == {row.other_id: "00Q1"}
        assert bytes(RecordLink.objects.get().content_hash) == bytes(16), "is looked at anew"
        assert losers_of(row.sync_id) == {row.source_id}

    def test_where_both_have_one_that_of_the_other_goes(self) -> None:
        row = make_duplicate()
        link(row.sync, row.source_id, "00Q1")
        link(row.sync, row.other_id, "00Q2", 2)
        decide(row.pk, SAME, "dana", keeps=row.source_id)
        assert links(row.sync) == {row.source_id: "00Q1"}

    @pytest.mark.parametrize("keeps", ["", "nobody"])
    def test_which_one_goes_on_must_be_said(self, keeps: str) -> None:
        row = make_duplicate()
        with pytest.raises(RefusedTransitionError, match="which of the two"):
            decide(row.pk, SAME, "dana", keeps=keeps)
        assert Duplicate.objects.get().verdict == OPEN

    def test_one_that_is_left_out_cannot_be_the_one_that_goes_on(self) -> None:
        sync = make_sync()
        first = make_duplicate(sync, source_id="1", other_id="2")
        second = make_duplicate(sync, source_id="2", other_id="3")
        decide(first.pk, SAME, "dana", keeps="1")
        with pytest.raises(RefusedTransitionError, match="left out itself"):
            decide(second.pk, SAME, "dana", keeps="2")
        decide(second.pk, SAME, "dana", keeps="3")
        assert losers_of(sync.pk) == {"2"}

    def test_who_was_held_goes_out_again(self) -> None:
        row = make_lookalike()
        decide(row.pk, SAME, "dana", after=timedelta(seconds=8))
        job = SyncJob.objects.get()
        assert (held(row), job.status) == (FailureStatus.RETRYING, Status.QUEUED)
        assert job.wake_at > timezone.now() + timedelta(seconds=5)

    def test_a_cancelled_job_sends_nothing_and_the_decision_stays(self) -> None:
        row = make_lookalike(make_job(status=Status.CANCELLED, stage=Stage.FINISHED))
        decide(row.pk, SAME, "dana")
        assert (held(row), Duplicate.objects.get().verdict) == (FailureStatus.OPEN, SAME)

    def test_whoever_else_was_meant_is_somebody_else(self) -> None:
        one = make_lookalike()
        job = SyncJob.objects.get()
        other = make_lookalike(job, source_id=one.source_id)
        someone = make_lookalike(job)
        decide(one.pk, SAME, "dana")
        verdicts = dict(Duplicate.objects.values_list("pk", "verdict"))
        assert verdicts == {one.pk: SAME, other.pk: DIFFERENT, someone.pk: OPEN}
        take_back([one.pk], "dana")
        assert set(Duplicate.objects.values_list("verdict", flat=True)) == {OPEN}

    def test_somebody_elses_record_over_there_goes_to_the_one_that_is_chosen(self) -> None:
        row = make_lookalike(kind=DuplicateKind.TAKEN, other_id="owner", destination_id="00Q1")
        link(row.sync, "owner", "00Q1")
        decide(row.pk, SAME, "dana", keeps=row.source_id)
        assert links(row.sync) == {row.source_id: "00Q1"} and losers_of(row.sync_id) == {"owner"}

    def test_or_stays_with_whom_it_stands_for(self) -> None:
        row = make_lookalike(kind=DuplicateKind.TAKEN, other_id="owner", destination_id="00Q1")
        link(row.sync, "owner", "00Q1")
        decide(row.pk, SAME, "dana", keeps="owner")
        assert links(row.sync) == {"owner": "00Q1"} and losers_of(row.sync_id) == {row.source_id}
        assert held(row) == FailureStatus.RETRYING, "to be left out"

    def test_in_a_two_way_sync_the_other_direction_follows(self) -> None:
        row, back = make_duplicate(), make_sync()
        two_way = TwoWay.objects.create(rightward=row.sync, leftward=back)
        link(row.sync, row.source_id, "00Q1")
        link(back, "00Q1", row.source_id)
        Agreement.objects.create(
            two_way=two_way, left_id=row.source_id, right_id="00Q1", values=pack({}), updated_at=timezone.now()
        )
        decide(row.pk, SAME, "dana", keeps=row.other_id)
        assert (links(row.sync), links(back)) == ({row.other_id: "00Q1"}, {"00Q1": row.other_id})
        assert Agreement.objects.get().left_id == row.other_id
        take_back([row.pk], "dana")
        assert (links(row.sync), links(back)) == ({row.source_id: "00Q1"}, {"00Q1": row.source_id})
        assert Agreement.objects.get().left_id == row.source_id


class TestTwoPeople:
    def test_who_was_held_goes_out_as_somebody_new(self) -> None:
        row = make_lookalike()
        decide(row.pk, DIFFERENT, "dana")
        assert held(row) == FailureStatus.RETRYING

    def test_not_before_everybody_who_may_be_meant_is_decided(self) -> None:
        one = make_lookalike()
        other = make_lookalike(SyncJob.objects.get(), source_id=one.source_id)
        decide(one.pk, DIFFERENT, "dana")
        assert held(one) == FailureStatus.OPEN
        decide(other.pk, DIFFERENT, "dana")
        assert held(one) == FailureStatus.RETRYING

    def test_they_are_not_joined_any_more(self) -> None:
        row = make_lookalike(destination_id="00Q1")
        link(row.sync, row.source_id, "00Q1")
        decide(row.pk, DIFFERENT, "dana")
        assert links(row.sync) == {}


class TestLater:
    def test_nothing_happens_and_it_can_be_decided_then(self) -> None:
        row = make_lookalike()
        decide(row.pk, LATER, "dana")
        assert (held(row), Duplicate.objects.get().verdict) == (FailureStatus.OPEN, LATER)
        decide(row.pk, DIFFERENT, "dana")
        assert Duplicate.objects.get().verdict == DIFFERENT


@pytest.mark.parametrize("verdict", [SAME, DIFFERENT])
def test_what_is_decided_is_decided_once(verdict) -> None:
    row = make_duplicate()
    decide(row.pk, verdict, "dana", keeps=row.source_id)
    with pytest.raises(RefusedTransitionError, match="a moment ago"):
        decide(row.pk, DIFFERENT, "kim")
    assert Duplicate.objects.get().decided_by == "dana"


def test_an_event_tells_who_said_what_and_no_name() -> None:
    row = make_duplicate()
    decide(row.pk, DIFFERENT, "dana")
    event = Event.objects.get(stream=row.sync.stream)
    assert (event.kind, event.actor) == (Kind.SYNC_DUPLICATE_DECIDED, "dana")
    assert event.data == {"verdict": "different", "count": 1, "duplicates": [row.pk]}


class TestMany:
    def test_one_event_a_sync_and_the_first_of_each_pair_goes_on(self) -> None:
        rows = [make_duplicate(sync) for sync in (make_sync(), make_sync()) for _ in range(2)]
        assert decide_many([row.pk for row in rows], SAME, "dana") == 4
        assert [row.keeps for row in Duplicate.objects.order_by("pk")] == [row.source_id for row in rows]
        assert [event.data["count"] for event in Event.objects.all()] == [2, 2]

    def test_what_cannot_be_decided_stays(self) -> None:
        sync = make_sync()
        first = make_duplicate(sync, source_id="1", other_id="2")
        second = make_duplicate(sync, source_id="2", other_id="3")
        done = make_duplicate(sync, verdict=DIFFERENT)
        assert decide_many([first.pk, second.pk, done.pk, 999], SAME, "dana") == 1
        assert list(Duplicate.objects.order_by("pk").values_list("verdict", flat=True)) == [SAME, OPEN, DIFFERENT]

    def test_all_who_were_held_go_out(self) -> None:
        one = make_lookalike()
        other = make_lookalike(SyncJob.objects.get())
        decide_many([one.pk, other.pk], DIFFERENT, "dana")
        assert (held(one), held(other)) == (FailureStatus.RETRYING,) * 2

    def test_more_than_fit_one_transaction_are_all_decided(self, monkeypatch) -> None:
        monkeypatch.setattr(duplicates, "AT_ONCE", 2)
        sync = make_sync()
        ids = [make_duplicate(sync).pk for _ in range(5)]
        assert decide_many(ids, LATER, "dana") == 5
        assert take_back(ids, "dana") == 5


class TestTakenBack:
    @pytest.mark.parametrize("both", [False, True], ids=["one link", "two links"])
    @pytest.mark.parametrize("keeps", ["source_id", "other_id"])
    def test_links_are_as_they_were(self, both: bool, keeps: str) -> None:
        row = make_duplicate()
        link(row.sync, row.source_id, "00Q1")
        if both:
            link(row.sync, row.other_id, "00Q2", 2)
        before = links(row.sync)
        decide(row.pk, SAME, "dana", keeps=getattr(row, keeps))
        assert take_back([row.pk], "dana") == 1
        assert links(row.sync) == before and losers_of(row.sync_id) == frozenset()
        row.refresh_from_db()
        assert (row.verdict, row.keeps, row.undo, row.decided_by, row.decided_at) == (OPEN, "", {}, "", None)

    @pytest.mark.parametrize("verdict", [SAME, DIFFERENT])
    def test_who_was_to_go_out_is_held_again(self, verdict) -> None:
        row = make_lookalike()
        decide(row.pk, verdict, "dana", after=timedelta(minutes=1))
        take_back([row.pk], "dana")
        assert held(row) == FailureStatus.OPEN
        told = [event.data["verdict"] for event in Event.objects.filter(stream=row.sync.stream)]
        assert told == [verdict, OPEN]

    def test_what_is_on_its_way_stays_on_its_way(self) -> None:
        row = make_lookalike()
        decide(row.pk, DIFFERENT, "dana")
        FailedRecord.objects.update(repair_batch=1)
        take_back([row.pk], "dana")
        assert held(row) == FailureStatus.RETRYING

    def test_what_nobody_decided_cannot_be(self) -> None:
        assert take_back([make_duplicate().pk, 999], "dana") == 0


class TestNoticing:
    def test_a_pair_is_noticed_once_whichever_comes_first(self) -> None:
        job, now = make_job(), timezone.now()
        ann, anna = {"id": "1", "firstname": "Ann", "email": "a@x.org"}, {"id": "2", "email": "A@x.org"}
        note_same_key(job, [(ann, anna)], now)
        note_same_key(job, [(anna, ann)], now)
        row = Duplicate.objects.get()
        assert sides(row) == (ann, anna)
        assert (row.label, row.email, row.other_label, row.other_email) == ("Ann", "a@x.org", "A@x.org", "A@x.org")
        assert unnoticed(job.sync_id, [("2", "1"), ("1", "3")]) == {("1", "3")}

    def test_enough_is_enough(self) -> None:
        sync = make_sync()
        make_duplicate(sync)
        assert not are_enough(sync.pk)
        rows = [
            Duplicate(sync=sync, kind="same_key", source_id=f"a{n}", other_id=f"b{n}", found_at=timezone.now())
            for n in range(ENOUGH)
        ]
        Duplicate.objects.bulk_create(rows)
        assert are_enough(sync.pk)
        Duplicate.objects.update(verdict=DIFFERENT)
        assert not are_enough(sync.pk)
