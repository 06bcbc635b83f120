"""Beat and pusher while the database is away: said once, and gone on with when it is back."""

import logging

import pytest

from integrations.models import WorkerBeat
from integrations.supervisor.broker import DatabaseBroker, group_broker
from integrations.supervisor.pacemaker import Pacemaker
from integrations.supervisor.probes import BeatProbe
from integrations.supervisor.pulse import Pulse
from tests.databases import drop, new_url, used

NOBODY_LISTENS = "postgres://nobody@127.0.0.1:1/nothing"
pytestmark = pytest.mark.django_db(databases=[])


@pytest.fixture(autouse=True)
def _real_database(django_db_blocker):
    with django_db_blocker.unblock():
        yield


@pytest.fixture
def url():
    url = new_url("sqlite")
    yield url
    drop(url)


def free_group() -> DatabaseBroker:
    """The broker of a group whose worker waits for a task and was pinged a moment ago."""
    pulse = Pulse()
    pulse.renew()
    broker = group_broker(pulse, ping_every=0.0)
    broker.pause_after_trouble = 0.0
    return broker


def test_the_beat_says_once_that_the_database_is_away_and_goes_on(url: str, caplog: pytest.LogCaptureFixture) -> None:
    rounds: list[int] = []
    pacemaker = Pacemaker(lambda: rounds.append(1))
    with used(NOBODY_LISTENS):
        pacemaker.turn()
        pacemaker.turn()
    assert rounds == []
    assert [record.getMessage() for record in caplog.records] == [
        "The database does not answer (OperationalError); trying again until it does"
    ]
    with used(url):
        pacemaker.turn()
        assert WorkerBeat.objects.filter(kind="beat").count() == 1
    assert rounds == [1]
    assert caplog.records[-1].getMessage() == "The database answers again"


@pytest.mark.parametrize(("patience", "every"), [(45.0, 5.0), (15.0, 5.0), (6.0, 2.0)])
def test_the_beat_shows_three_times_that_it_lives_before_it_counts_as_hung(patience: float, every: float) -> None:
    assert Pacemaker(lambda: None, patience=patience).every == every


def test_a_beat_that_fails_leaves_no_sign_of_life(url: str) -> None:
    def fail() -> None:
        raise ZeroDivisionError

    with used(url):
        with pytest.raises(ZeroDivisionError):
            Pacemaker(fail).turn()
        assert not WorkerBeat.objects.exists()


def test_the_pusher_outlives_a_database_that_is_away(url: str, caplog: pytest.LogCaptureFixture) -> None:
    broker = free_group()
    with used(url):
        assert broker.dequeue(), "a ping is due"
    broker.pulse.finish()
    broker.ping_every = 1000.0
    with used(NOBODY_LISTENS), caplog.at_level(logging.WARNING):
        assert broker.dequeue() is None
        broker.ping_every = 0.0
        assert broker.dequeue() is None, "nor is a ping handed over: its sign could not be written"
    assert len(caplog.records) == 1
    with used(url):
        assert not broker.dequeue()
        assert broker.dequeue(), "pings go on"


def test_a_busy_worker_is_handed_nothing(url: str) -> None:
    broker = free_group()
    with used(url):
        assert broker.dequeue()
        assert broker.dequeue() is None


def test_nobody_is_judged_while_the_database_is_away(url: str) -> None:
    probe = BeatProbe("host:worker-1@8000")
    with used(NOBODY_LISTENS):
        assert probe() is None
    with used(url):
        assert probe() is False
