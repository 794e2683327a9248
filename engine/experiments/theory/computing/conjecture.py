"""Conjecture 5.1 measured on random networks, and told as tables."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from engine.experiments.base import Columns, Context, Findings, columns
from engine.experiments.theory.computing.joined_pairs import REACH, Trial, trials
from engine.experiments.theory.conjecture import Conjecture
from engine.statistics import wilson


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


def by_round(spec: Conjecture, found: list[Trial]) -> Columns:
    """One row a dimension, tolerance and round: pairs joined by then, with Wilson's 95 % interval."""
    rows: list[dict[str, Any]] = []
    for dimension in spec.dimensions:
        for delta in spec.tolerances:
            own = _of(found, dimension, delta)
            joined = np.concatenate([one.joined for one in own])
            for number in range(spec.rounds + 1):
                low, high = wilson(int((joined <= number).sum()), len(joined))
                rows.append(
                    {
                        "dimension": dimension,
                        "delta": delta,
                        "round": number,
                        "pairs": len(joined),
                        "fraction": float((joined <= number).mean()) if len(joined) else None,
                        "low": low,
                        "high": high,
                    }
                )
    return columns(rows)


def by_dimension(spec: Conjecture, found: list[Trial]) -> Columns:
    """One row a dimension and tolerance: what goes with the fractions, and what theory expects."""
    rows = []
    for dimension in spec.dimensions:
        for delta in spec.tolerances:
            own = _of(found, dimension, delta)
            rows.append(
                {
                    "dimension": dimension,
                    "delta": delta,
                    "pairs": sum(len(one.joined) for one in own),
                    "spread": float(np.mean([one.spread for one in own])),
                    "occupied": _mean([one.occupied for one in own]),
                    "theory": _mean([one.theory for one in own]),
                    "detour": _mean([one.detour for one in own]),
                    "on_grid": _mean([one.on_grid for one in own]),
                }
            )
    return columns(rows)


def first_map(found: list[Trial]) -> tuple[dict[str, np.ndarray], dict[str, Columns]]:
    """The map of the first network of two inputs and its pairs, for a page to draw; empty without one.

    `map_values` (side, side) is f at the centres of cells of the square from -reach to reach, by y and x;
    `map_nodes_k` (M, 2) is the path of pair k.
    """
    shown = next((one for one in found if one.grid is not None), None)
    if shown is None or shown.grid is None:
        return {}, {}
    arrays = {"map_values": shown.grid, "map_reach": np.array(REACH)}
    for k, path in enumerate(shown.paths):
        arrays[f"map_nodes_{k}"] = path.nodes.flatten(1).cpu().numpy()
    pairs = {
        "pair": list(range(len(shown.paths))),
        "level": [path.level for path in shown.paths],
        "goal": [path.goal for path in shown.paths],
        "joined": [-1 if path.joined is None else path.joined for path in shown.paths],
        "on_grid": [bool(there) for there in shown.on_grid],
    }
    return arrays, {"map_pairs": pairs}


def _of(found: list[Trial], dimension: int, delta: float) -> list[Trial]:
    return [one for one in found if (one.dimension, one.delta) == (dimension, delta)]


def _mean(parts: list[np.ndarray]) -> float | None:
    """The mean of all numbers in all parts that are known."""
    values = np.concatenate(parts)
    values = values[np.isfinite(values)]
    return float(values.mean()) if len(values) else None
