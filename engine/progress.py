"""How the science tells of its progress, and how it is told to stop.

Engine functions take `report: Reporter = SILENT` and call `report(step, total, **metrics)` at least
a few times a second; the call raises `Cancelled` when the caller has lost interest.
"""

from __future__ import annotations

from typing import Protocol

from engine.called import answers


class Cancelled(Exception):  # noqa: N818 - a request that was honoured, not an error
    """Raised inside a computation whose owner asked it to stop."""


class Reporter(Protocol):
    """Receives progress: `step` of `total`, and named metrics such as `stage` or `loss`."""

    def __call__(self, step: float, total: float, **metrics: float | str) -> None: ...


def SILENT(step: float, total: float, **metrics: float | str) -> None:  # noqa: N802 - a constant
    """The default reporter: says nothing and never cancels."""


def part(report: Reporter, start: float, stop: float, stage: str = "") -> Reporter:
    """Reporter for one stage of a longer task, covering [start, stop] of its owner's [0, 1].

    Below the first line of a `stage` stands what is known already.
    """

    def inner(step: float, total: float, **metrics: float | str) -> None:
        done = min(max(step / total, 0.0), 1.0) if total else 1.0
        named = {"stage": stage, **metrics} if stage else metrics
        report(start + (stop - start) * done, 1.0, **named)

    return inner


def _bar() -> Reporter:
    """A reporter that shows a bar, in a terminal or a notebook: `report=engine.progress()`."""
    from engine.bars import Bar

    return Bar()


answers(__name__, _bar)
