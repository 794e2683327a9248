"""What the record of a training holds: mean curves with their spread, and barriers stage by stage."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from engine.experiments.base import Context, Findings, columns
from engine.experiments.untrained.evolution import Evolution
from engine.progress import part

NORMAL = 1.96
"""Half the width of a 95 % interval of a mean, in standard errors."""

QUARTILES = (0.25, 0.75)


def join_parts(spec: Evolution, parts: Sequence[Findings]) -> Findings:
    """The findings of a whole training, from those of its parts in order."""
    phases = [name for found in parts for name in found.tables["stages"]["phase"]]
    numbers = [int(number) for found in parts for number in found.tables["stages"]["number"]]
    curves = np.concatenate([found.arrays["curves"] for found in parts])
    steps = np.concatenate([found.arrays["input_steps"] for found in parts])
    moments = _moments(phases, numbers)
    rows = [
        _barriers(phase, number, curves[k], steps[k], spec.threshold)
        for phase, number, k in moments
    ]
    lines = [line for phase, number, k in moments for line in _lines(phase, number, curves[k])]
    lost = int(np.isnan(curves).any(2).sum())
    summary = {
        "images": parts[0].summary["images"],
        "pairs": curves.shape[1],
        "measured": len(curves),
        "not_converged": lost,
        "first_height": rows[0]["height"],
        "last_height": rows[-1]["height"],
    }
    return Findings({}, {"barriers": columns(rows), "curves": columns(lines)}, summary)


def _moments(phases: list[str], numbers: list[int]) -> list[tuple[str, int, int]]:
    """(phase, number, place) of every stage; what comes before training is the first of both phases."""
    place = list(enumerate(zip(phases, numbers, strict=True)))
    batches = [(phase, number, k) for k, (phase, number) in place if phase == "batch"]
    epochs = [(phase, number, k) for k, (phase, number) in place if phase == "epoch"]
    return [*batches, ("epoch", 0, batches[0][2]), *epochs]


def _barriers(
    phase: str, number: int, curves: np.ndarray, steps: np.ndarray, threshold: float
) -> dict[str, Any]:
    """One row: the heights of a stage's barriers over the pairs whose inputs are optimal."""
    heights = curves[~np.isnan(curves).any(1)].max(1).astype(np.float64)
    count = len(heights)
    mean = float(heights.mean()) if count else math.nan
    error = float(heights.std(ddof=1)) / math.sqrt(count) if count > 1 else math.nan
    low, middle, high = (
        np.quantile(heights, (QUARTILES[0], 0.5, QUARTILES[1])) if count else (math.nan,) * 3
    )
    return {
        "phase": phase,
        "number": number,
        "pairs": count,
        "tried": len(curves),
        "height": mean,
        "low": mean - NORMAL * error,
        "high": mean + NORMAL * error,
        "spread": float(heights.std(ddof=1)) if count > 1 else math.nan,
        "quarter": float(low),
        "median": float(middle),
        "three_quarters": float(high),
        "connected": float((heights <= threshold).mean()) if count else math.nan,
        "steps": float(steps.mean()),
    }


def _lines(phase: str, number: int, curves: np.ndarray) -> list[dict[str, Any]]:
    """One row a place: mean and quartiles of the loss over the pairs whose inputs are optimal."""
    known = curves[~np.isnan(curves).any(1)].astype(np.float64)
    if not len(known):
        return []
    low, high = np.quantile(known, QUARTILES, axis=0)
    return [
        {
            "phase": phase,
            "number": number,
            "t": float(t),
            "loss": float(mean),
            "quarter": float(low[k]),
            "three_quarters": float(high[k]),
        }
        for k, (t, mean) in enumerate(
            zip(np.linspace(0, 1, curves.shape[1]), known.mean(0), strict=True)
        )
    ]


def compute(spec: Evolution, context: Context) -> Findings:
    """Compute the parts in order, and join them."""
    found, parts = [], spec.parts
    for k, piece in enumerate(parts):
        share = part(context.report, k / len(parts), (k + 1) / len(parts))
        found.append(context.findings_of(piece, share))
    return join_parts(spec, found)
