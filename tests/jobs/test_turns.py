"""Whose turn it is: tasks as threads, without any cluster."""

from __future__ import annotations

import mmap
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from engine.jobs import turns as room
from engine.jobs.turns import Claim, Turn, Turns
from engine.progress import Cancelled
from tests.jobs.conftest import until

TICK = 0.002


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "SLICE_SECONDS", 0.02)
    monkeypatch.setattr(room, "LOOK_SECONDS", 0.01)


class Tasks:
    """Tasks that compute until they are stopped, and note when they do."""

    def __init__(self, turns: Turns) -> None:
        self.turns = turns
        self.ticks: dict[str, int] = {}
        self.order: list[str] = []
        self.together: list[int] = []
        self.errors: list[BaseException] = []
        self.over = threading.Event()
        self._computing = 0
        self._threads: list[threading.Thread] = []

    def start(self, name: str, claim: Claim, ticks: int = 10**6) -> None:
        self.ticks[name] = 0
        thread = threading.Thread(target=self._run, args=(name, claim, ticks))
        self._threads.append(thread)
        thread.start()

    def ran(self, name: str, ticks: int = 1) -> Callable[[], bool]:
        return lambda: self.ticks[name] >= ticks

    def close(self) -> None:
        self.over.set()
        for thread in self._threads:
            thread.join(10)

    def _run(self, name: str, claim: Claim, ticks: int) -> None:
        turn = Turn(claim)
        try:
            with self.turns.taking(turn, self._check):
                for _ in range(ticks):
                    self.turns.pass_on(turn, self._check)
                    self._check()
                    self.ticks[name] += 1
                    self.order.append(name)
                    self.together.append(len(self.turns._computing))
                    time.sleep(TICK)
        except Cancelled as error:
            self.errors.append(error)

    def _check(self) -> None:
        if self.over.is_set():
            raise Cancelled


@contextmanager
def tasks_of(turns: Turns) -> Iterator[Tasks]:
    tasks = Tasks(turns)
    try:
        yield tasks
    finally:
        tasks.close()
    assert not turns._computing
    assert not turns._begun
    assert not turns._waiting


def test_two_long_searches_of_one_leave_room_for_others() -> None:
    with tasks_of(Turns(at_once=2)) as tasks:
        for name in ("ann 1", "ann 2"):
            tasks.start(name, Claim("ann"))
            until(tasks.ran(name))
        for owner in ("ben", "cleo", "dan"):
            tasks.start(owner, Claim(owner))
        before = dict(tasks.ticks)
        until(lambda: all(tasks.ticks[owner] > 60 for owner in ("ben", "cleo", "dan")))
        after = {name: ticks - before[name] for name, ticks in tasks.ticks.items()}
        assert max(tasks.together) == 2
    shares = [after["ann 1"] + after["ann 2"], *(after[one] for one in ("ben", "cleo", "dan"))]
    assert max(shares) < 2.5 * min(shares), shares


def test_who_was_submitted_first_goes_first_however_late_his_thread_comes() -> None:
    turns = Turns(at_once=1)
    first = Turn(Claim("ann", submitted=1.0), number=2)
    last = Turn(Claim("ann", submitted=2.0), number=1)
    part = Turn(Claim("ann", submitted=2.0), number=3)
    assert sorted((part, last, first), key=turns._place) == [first, last, part]


def test_what_somebody_waits_for_goes_first() -> None:
    with tasks_of(Turns(at_once=1)) as tasks:
        tasks.start("long", Claim("ann"))
        until(tasks.ran("long"))
        tasks.start("another", Claim("ben"))
        tasks.start("urgent", Claim("cleo", urgent=True), ticks=80)
        until(tasks.ran("urgent", 80))
        until(tasks.ran("another", 5))
    first = tasks.order.index("urgent")
    meanwhile = tasks.order[first : first + 80]
    assert meanwhile.count("urgent") >= 78


def test_an_owners_tasks_go_one_after_the_other_by_priority() -> None:
    with tasks_of(Turns(at_once=1)) as tasks:
        tasks.start("first", Claim("ann"), ticks=40)
        until(tasks.ran("first"))
        tasks.start("part", Claim("ann", priority=-10), ticks=5)
        tasks.start("second", Claim("ann"), ticks=40)
        until(tasks.ran("second"))
        assert (tasks.ticks["first"], tasks.ticks["part"]) == (40, 0)
        until(tasks.ran("part"))
        assert tasks.ticks["second"] == 40


def test_few_have_begun_and_suspects_one_at_a_time() -> None:
    with tasks_of(Turns(at_once=2, begun=3)) as tasks:
        for number in range(8):
            tasks.start(f"{number}", Claim(f"owner {number}", suspect=number < 2))
        until(lambda: sum(tasks.ticks.values()) > 100)
        assert sum(ticks > 0 for ticks in tasks.ticks.values()) == 3
        assert not (tasks.ticks["0"] and tasks.ticks["1"])


def test_who_waits_for_others_leaves_them_his_turn() -> None:
    turns = Turns(at_once=1, begun=1)
    with tasks_of(turns) as tasks:
        sweep = Turn(Claim("ann"))
        with turns.taking(sweep, lambda: None), turns.away(sweep, lambda: None):
            tasks.start("part", Claim("ann", priority=-10), ticks=3)
            until(tasks.ran("part", 3))


def test_who_holds_what_others_need_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two that never report, for they need what a third has, who waits for a turn."""
    monkeypatch.setattr(room, "LONGEST_SECONDS", 0.1)
    turns, lock = Turns(at_once=1), threading.Lock()
    with tasks_of(turns) as tasks:
        holder, other = Turn(Claim("ann")), Turn(Claim("ben", urgent=True))

        def hold() -> None:
            with turns.taking(holder, lambda: None), lock:
                while other not in turns._waiting:
                    time.sleep(TICK)
                turns.pass_on(holder, lambda: None)

        thread = threading.Thread(target=hold)
        thread.start()
        until(lock.locked)
        with turns.taking(other, lambda: None), lock:
            pass
        thread.join(10)
        assert not thread.is_alive()
        assert tasks.errors == []


def test_seconds_and_memory_are_told_apart() -> None:
    turns = Turns()
    large, small = Turn(Claim("ann")), Turn(Claim("ben"))
    with turns.taking(large, lambda: None):
        held = mmap.mmap(-1, 80_000_000)  # fresh pages, whatever was freed before
        held[::4096] = b"1" * len(held[::4096])
        time.sleep(0.05)
    with turns.taking(small, lambda: None):
        pass
    assert large.memory > 70_000_000
    assert small.memory < 10_000_000
    assert large.spent >= 0.05 > small.spent
