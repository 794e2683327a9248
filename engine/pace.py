"""Pace: how long something will take yet, told only while that can be known, and then steadily.

Stages differ in speed, so a share done is no share of the time. The estimate from the whole run and that
from its last third are told where they agree, and what was told is kept to: it goes down evenly, and is
withdrawn where it turns out wrong, until the two agree on another one.
"""

from __future__ import annotations

from engine.words import duration

KNOWN_SECONDS, KNOWN_SHARE, KNOWN_STEPS = 3.0, 0.02, 4
"""Before these nothing is told: one step alone, such as loading a network, tells nothing of the others."""

RECENT = 1 / 3
"""The part of the time so far that tells the present speed."""

AGREED = 1.5
"""By which factor estimates may differ and still be one."""

SETTLED = 0.1
"""The part of the time so far during which they must agree before anything is told."""

LONG_SECONDS = 10.0
"""From here on the time so far is told where the time left is not known."""

POINTS = 240
"""At most so many moments are remembered, over the whole time."""


class Pace:
    """Times are seconds of any steady clock. Not thread-safe."""

    def __init__(self, now: float) -> None:
        self._began = self._asked = self._differed = now
        self._points: list[tuple[float, float]] = []
        self._end: float | None = None

    def note(self, done: float, now: float) -> None:
        """Take in that a share `done` of the work (0 to 1) is behind it."""
        if not self._points and done <= 0:
            self._began = self._differed = now  # nothing has begun but the waiting
        elif not self._points or done != self._points[-1][1]:
            self._points.append((now, done))
            if len(self._points) > POINTS:
                del self._points[-2::-2]

    def left(self, now: float) -> float | None:
        """Seconds until it is done; None while that is not known."""
        since, self._asked = now - self._asked, now
        estimate = self._estimate(now)
        if estimate is None:
            self._end, self._differed = None, now
        elif self._end is None:
            if now - self._differed >= SETTLED * (now - self._began):
                self._end = now + estimate
        else:
            self._end += min(max(now + estimate - self._end, -since), since / 2)
            told = self._end - now
            if told <= 0 or max(told, estimate) > AGREED * min(told, estimate) + LONG_SECONDS:
                self._end, self._differed = None, now
        return None if self._end is None else self._end - now

    def words(self, now: float) -> str:
        """The time left, or the time so far where that is not known; empty at the beginning."""
        left = self.left(now)
        if left is not None:
            return f"about {duration(max(left, 1.0))} left"
        passed = now - self._began
        return f"{duration(passed)} so far" if passed >= LONG_SECONDS else ""

    def _estimate(self, now: float) -> float | None:
        """The seconds left on which the whole run and its last third agree, if they do."""
        if len(self._points) < KNOWN_STEPS or now - self._began < KNOWN_SECONDS:
            return None
        done, passed = self._points[-1][1], now - self._began
        earlier = (point for point in reversed(self._points) if point[0] <= now - RECENT * passed)
        then, before = next(earlier, (self._began, 0.0))
        if done < KNOWN_SHARE or done <= before:
            return None
        whole = passed * (1 - done) / done
        recent = (now - then) * (1 - done) / (done - before)
        if max(whole, recent) > AGREED * min(whole, recent):
            return None
        return (whole * recent) ** 0.5
