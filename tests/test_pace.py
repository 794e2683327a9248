"""The time left: right and steady where it is told, and not told where it cannot be known."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest

from engine.pace import LONG_SECONDS, Pace

TICK = 0.4


def watched(done: Callable[[float], float], seconds: float) -> list[tuple[float, float | None]]:
    """(time, seconds left that were told) of work whose share done at a time is known."""
    pace, told = Pace(0.0), []
    for now in np.arange(0, seconds, TICK):
        pace.note(done(float(now)), float(now))
        told.append((float(now), pace.left(float(now))))
    return told


def stages(*lengths_and_shares: tuple[float, float]) -> Callable[[float], float]:
    """Work in stages, each (seconds, share of the bar) and even in itself."""
    seconds, shares = np.cumsum([(0, 0), *lengths_and_shares], axis=0).T
    return lambda now: float(np.interp(now, seconds, shares / shares[-1]))


def check_steady(told: list[tuple[float, float | None]]) -> None:
    """While it is told without a break it only goes down, at half to twice the clock's speed."""
    for (_, one), (_, other) in pairwise(told):
        if one is not None and other is not None:
            assert -2.01 * TICK <= other - one <= -0.49 * TICK


def test_even_work_is_told_soon_and_right():
    told = watched(stages((100, 1)), 100)
    check_steady(told)
    assert all(left is not None for now, left in told if 5 <= now < 99)
    assert all(left == pytest.approx(100 - now, abs=2) for now, left in told if left is not None)


@pytest.mark.parametrize("seed", range(5))
def test_uneven_steps_are_told_about_right(seed):
    draws = np.random.default_rng(seed)
    steps = draws.lognormal(0, 0.7, 100)
    total = float(steps.sum())
    ends = np.cumsum(steps)
    told = watched(lambda now: float(np.searchsorted(ends, now, side="right")) / 100, total)
    check_steady(told)
    known = [(now, left) for now, left in told if left is not None]
    assert len(known) > 0.5 * len(told)
    late = [left / (total - now) for now, left in known if now < 0.9 * total]
    assert 0.4 < min(late) <= max(late) < 2.5


def test_one_step_alone_promises_nothing():
    told = watched(lambda now: 0.1 if now >= 5 else 0.0, 40)
    assert all(left is None for _, left in told)


def test_a_quick_first_stage_promises_nothing():
    """10 % in a second, and the rest in 400: what was told of such a job was 9 s, then 50, then 200."""
    told = watched(stages((1, 0.1), (400, 0.9)), 401)
    check_steady(told)
    known = [(now, left) for now, left in told if left is not None]
    assert len(known) > 0.6 * len(told)
    assert all(0.6 < left / (401 - now) < 1.6 for now, left in known if now < 390)


def test_what_stands_still_has_no_time_left_but_a_time_so_far():
    """68 % after a minute, then not a step for nine."""
    still = stages((60, 0.68), (540, 0.0), (10, 0.32))
    told = watched(still, 600)
    check_steady(told)
    assert any(left is not None for now, left in told if now < 60)
    assert all(left is None for now, left in told if now > 90)
    pace = Pace(0.0)
    for now in range(0, 600, 2):
        pace.note(still(now), now)
        words = pace.words(now)
        assert words or now < LONG_SECONDS
    assert words == "9 min 58 s so far"


def test_work_that_turns_slow_withdraws_what_it_told():
    told = watched(stages((50, 0.5), (500, 0.5)), 550)
    check_steady(told)
    turned = [(now, left) for now, left in told if now > 80]
    assert turned[0][1] is None
    assert all(0.5 < left / (550 - now) < 2 for now, left in turned if left is not None)


def test_waiting_is_no_work():
    """An hour in the queue before the first step makes no difference."""
    pace = Pace(0.0)
    for now in range(3600):
        pace.note(0.0, now)
        assert pace.left(now) is None
    for now in range(3600, 3630):
        pace.note((now - 3599) / 100, now)
        left = pace.left(now)
    assert left == pytest.approx(70, abs=6)
