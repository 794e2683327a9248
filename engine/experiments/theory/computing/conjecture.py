"""Conjecture 5.1 measured on random networks."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from engine.experiments.base import Context, Findings
from engine.experiments.theory.computing.joined_pairs import Trial, trials
from engine.experiments.theory.computing.joined_tables import by_dimension, by_round, first_map
from engine.experiments.theory.conjecture import Conjecture


def compute(spec: Conjecture, context: Context) -> Findings:
    """Join random pairs of inputs of every network, and count."""
    found: list[Trial] = []
    mapped: list[Trial] = []
    for trial in trials(spec, context.device, context.report):
        if trial.grid is not None and not mapped:
            mapped.append(trial)
        found.append(replace(trial, paths=[], grid=None))  # all paths would fill the memory
    arrays, shown = first_map(mapped)
    tables = {"fractions": by_round(spec, found), "dimensions": by_dimension(spec, found)}
    return Findings(arrays, {**tables, **shown}, _summary(spec, found))


def _summary(spec: Conjecture, found: list[Trial]) -> dict[str, Any]:
    joined = np.concatenate([one.joined for one in found])
    return {
        "pairs": len(joined),
        "straight": float((joined == 0).mean()) if len(joined) else None,
        "joined": float(np.isfinite(joined).mean()) if len(joined) else None,
        "rounds": spec.rounds,
        "dimensions": spec.dimensions,
        "deltas": list(spec.tolerances),
    }
