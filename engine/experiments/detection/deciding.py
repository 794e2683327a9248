"""Who decides a verdict: one detector of a benchmark, by a rule that is the same for all images. No torch."""

from __future__ import annotations

from collections.abc import Sequence

DECIDERS = {
    "ensemble": "decides wherever a benchmark has it, since it looks at paths, spectrum and layers "
    "together",
    "short-paths": "decides where a benchmark has no Ensemble, since it looks at paths and spectrum "
    "together",
}
"""Contestants whose score is the verdict, the first that a benchmark has, and why."""

OTHERWISE = "decides as the first of a benchmark that has neither Ensemble nor Short paths"


def decider_of(contestants: Sequence[str]) -> str:
    """The contestant whose score is the verdict."""
    return next((name for name in DECIDERS if name in contestants), contestants[0])


def why_it_decides(contestant: str) -> str:
    """What follows a decider's title in a sentence that says why it is the one that decides."""
    return DECIDERS.get(contestant, OTHERWISE)
