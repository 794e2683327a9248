"""Turns: which of a worker's tasks compute at this moment, and what each has taken by now.

A worker takes many tasks, of which a few compute; the others wait at their start, or where they report. What
somebody is waiting for goes before everything else. Beyond that nobody has two turns while another has none,
and turns pass from one to the next every few seconds. Nobody who has begun waits for long, so that what he
holds cannot keep the others up.
"""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import psutil

from engine.jobs.limits import NO_LIMITS, Limits

AT_ONCE = 2
"""Tasks that compute at once: while one loads or draws, the other uses the processor."""

BEGUN = 6
"""Tasks that may have begun, without those that somebody is waiting for: each keeps its memory."""

SLICE_SECONDS = 2.0
LONGEST_SECONDS = 10.0
URGENT_SECONDS = 1.0
"""After so long an urgent task goes on beside others that do not report."""

SIGN = "ISTHMUS_SIGN"
"""The environment variable that names the file in which a worker shows who computes, and that it moves."""

LOOK_SECONDS = 0.2
REMEMBERED = 1000
"""Owners of whom it is remembered when they last had a turn."""


@dataclass(frozen=True)
class Claim:
    """Whose task it is, and what it may take. Of an owner's tasks the higher `priority` goes first.

    `urgent` is what somebody is waiting for at this moment. Of those that are `suspect`, because workers died
    that computed them, one is computed at a time. `job` is the key of the job that it is, or is a part of,
    `submitted` when that was, in seconds since the epoch.
    """

    owner: str = ""
    priority: int = 0
    urgent: bool = False
    suspect: bool = False
    limits: Limits = NO_LIMITS
    job: str = ""
    submitted: float = 0.0


@dataclass(eq=False)
class Turn:
    """A task's place among the others, and what it has used: seconds of computing, bytes of memory.

    Memory is told apart by who computed alone when the process grew.
    """

    claim: Claim
    begun: bool = False
    memory: float = 0.0
    number: int = 0
    since: float = 0.0
    noted: float = 0.0
    spent: float = 0.0

    def spend(self, now: float) -> None:
        """Note the seconds that it has computed since this was last noted."""
        self.spent, self.noted = self.spent + now - self.noted, now


class Turns:
    """The tasks of one process. Thread-safe.

    With `sign`, it is a file where each look at what they take leaves another number, and those who compute:
    a server that looks there sees when nothing of this process moves any more, and at whose turn.
    """

    def __init__(self, at_once: int = AT_ONCE, begun: int = BEGUN, sign: str = "") -> None:
        self._at_once, self._most_begun = at_once, begun
        self._sign = sign and Path(sign)
        self._computing: list[Turn] = []
        self._waiting: list[Turn] = []
        self._begun: list[Turn] = []
        self._served: dict[str, int] = {}
        self._numbers = count(1)
        self._memory = 0
        self._changed = threading.Condition()

    @contextmanager
    def taking(self, turn: Turn, check: Callable[[], None]) -> Iterator[None]:
        """Wait for a turn, and have it inside. `check` is asked while it waits, and may raise."""
        with self._changed:
            self._wait(turn, check)
        try:
            yield
        finally:
            with self._changed:
                self._end(turn)

    @contextmanager
    def away(self, turn: Turn, check: Callable[[], None]) -> Iterator[None]:
        """Leave the turn to others inside, as if it had not begun: they may be what it waits for."""
        with self._changed:
            self._end(turn)
        yield
        with self._changed:
            self._wait(turn, check)

    def pass_on(self, turn: Turn, check: Callable[[], None]) -> None:
        """Let another go first whose turn it is, and wait for the next one."""
        with self._changed:
            if turn in self._computing and self._is_over(turn):
                self._leave(turn)
                self._wait(turn, check)

    def charge(self) -> None:
        """Note what those who compute have taken since this was last noted."""
        with self._changed:
            memory, now = psutil.Process().memory_info().rss, time.monotonic()
            for turn in self._computing:
                turn.spend(now)
                if len(self._computing) == 1:
                    turn.memory += memory - self._memory
            self._memory = memory
            self._show()

    def _wait(self, turn: Turn, check: Callable[[], None]) -> None:
        turn.number, arrived = next(self._numbers), time.monotonic()
        self._waiting.append(turn)
        try:
            while not self._may_go(turn, time.monotonic() - arrived):
                self._changed.wait(LOOK_SECONDS)
                check()
        finally:
            self._waiting.remove(turn)
            self._changed.notify_all()
        if not turn.begun:
            turn.begun = True
            self._begun.append(turn)
        self._memory = self._memory or psutil.Process().memory_info().rss
        self._computing.append(turn)
        if len(self._served) >= REMEMBERED:
            self._served.clear()
        self._served[turn.claim.owner] = next(self._numbers)
        turn.since = turn.noted = time.monotonic()
        self._show()

    def _leave(self, turn: Turn) -> None:
        if turn in self._computing:
            self.charge()
            self._computing.remove(turn)
            self._show()
            self._changed.notify_all()

    def _show(self) -> None:
        if self._sign:
            jobs = [turn.claim.job for turn in self._computing]
            shown = {"pid": os.getpid(), "jobs": jobs, "number": next(self._numbers)}
            with suppress(OSError):
                self._sign.write_text(json.dumps(shown))

    def _end(self, turn: Turn) -> None:
        self._leave(turn)
        if turn.begun:
            turn.begun = False
            self._begun.remove(turn)

    def _may_go(self, turn: Turn, waited: float) -> bool:
        if not self._may_begin(turn):
            return False
        if turn.claim.urgent and waited > URGENT_SECONDS:
            return sum(other.claim.urgent for other in self._computing) < self._most(turn)
        if turn.begun and waited > LONGEST_SECONDS:
            return True
        if len(self._computing) >= self._most(turn):
            return False
        return turn is min(filter(self._may_begin, self._waiting), key=self._place)

    def _may_begin(self, turn: Turn) -> bool:
        if turn.begun:
            return True
        others = [other.claim for other in self._begun]
        if turn.claim.suspect and any(other.suspect for other in others):
            return False
        return turn.claim.urgent or sum(not o.urgent for o in others) < self._most_begun

    def _most(self, turn: Turn) -> int:
        """How many may compute at once: where memory is limited one, so that it can be told apart."""
        return 1 if turn.claim.limits.memory else self._at_once

    def _place(self, turn: Turn) -> tuple[bool, int, int, int, bool, float, int]:
        """Where it stands in the line: an owner without a turn first, of his tasks the one that has begun.

        Else who was submitted first: tasks come here in threads of their own, in any order.
        """
        claim = turn.claim
        served = self._served.get(claim.owner, 0)
        has = self._turns_of(claim.owner)
        rank = not claim.urgent, has, served, -claim.priority, not turn.begun
        return *rank, claim.submitted, turn.number

    def _is_over(self, turn: Turn) -> bool:
        mine, own = turn.claim, self._turns_of(turn.claim.owner)
        long = time.monotonic() - turn.since >= SLICE_SECONDS
        return any(
            other.claim.urgent > mine.urgent
            or (
                long
                and other.claim.urgent == mine.urgent
                and self._turns_of(other.claim.owner) < own
            )
            for other in filter(self._may_begin, self._waiting)
        )

    def _turns_of(self, owner: str) -> int:
        return sum(turn.claim.owner == owner for turn in self._computing)


TURNS = Turns(sign=os.environ.get(SIGN, ""))
"""Those of this process."""
