"""Threads are served in the order they came."""

import threading

from integrations.rate_limits.turns import Turns


def test_threads_are_served_in_the_order_they_came():
    turns, served, queued = Turns(), [], threading.Semaphore(0)
    entering = [threading.Event() for _ in range(5)]

    def work(n: int) -> None:
        entering[n].wait()
        with turns.turn(10) as mine:
            assert mine
            served.append(n)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(5)]
    for thread in threads:
        thread.start()
    with turns.turn(1):
        for n, event in enumerate(entering):
            event.set()
            while len(turns) < n + 2:
                queued.acquire(timeout=0.001)
    for thread in threads:
        thread.join()
    assert served == [0, 1, 2, 3, 4]


def test_one_that_gave_up_holds_up_nobody():
    turns, results = Turns(), []

    def give_up() -> None:
        with turns.turn(0.01) as mine:
            results.append(mine)

    with turns.turn(1) as first:
        thread = threading.Thread(target=give_up)
        thread.start()
        thread.join()
    with turns.turn(1) as last:
        assert (first, results, last, len(turns)) == (True, [False], True, 1)


def test_a_turn_that_ends_in_an_error_is_over():
    turns = Turns()
    try:
        with turns.turn(1):
            raise RuntimeError("the call failed")
    except RuntimeError:
        pass
    assert len(turns) == 0
