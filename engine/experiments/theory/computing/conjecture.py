"""Theory computed: Conjecture 5.1 measured on random networks, and lattices filled; told as tables."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from engine.experiments.base import Columns, Context, Findings, columns
from engine.experiments.theory.computing.joined_pairs import REACH, Trial, trials
from engine.experiments.theory.conjecture import Conjecture, Percolation
from engine.lattice.mean_field import mean_field, mean_field_threshold, series_threshold
from engine.lattice.sites import clusters, draw_levels
from engine.lattice.thresholds import LITERATURE, threshold
from engine.progress import Reporter, part
from engine.statistics import wilson


def conjecture(spec: Conjecture, context: Context) -> Findings:
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


MOST_NEIGHBOURS = 3.0
"""Half of the points of p lie where a site has up to this many occupied neighbours (2dp)."""


NORMAL_95 = 1.96
"""Standard errors to either side of a mean that make an interval of 95 %."""


def percolation(spec: Percolation, context: Context) -> Findings:
    """Curves of both order parameters, and thresholds."""
    dimensions = range(spec.lowest, spec.highest + 1)
    curves = _curves(spec, dimensions, part(context.report, 0, 0.7, "Filling lattices"))
    thresholds = _thresholds(spec, dimensions, part(context.report, 0.7, 1, "Thresholds"))
    off = np.abs(np.divide(thresholds["estimate"], thresholds["literature"]) - 1)
    return Findings(
        tables={"order": curves, "thresholds": thresholds},
        summary={
            "dimensions": list(dimensions),
            "lattices": spec.lattices,
            "worst_threshold": float(off.max()),
        },
    )


def side_of(sites: int, dimension: int) -> int:
    """The side of a d-dimensional lattice of about this many sites, at least 2."""
    return max(2, round(sites ** (1 / dimension)))


def grid_of(points: int, dimension: int) -> np.ndarray:
    """Increasing values of p in [0, 1], half of them below MOST_NEIGHBOURS / (2d)."""
    coarse = np.linspace(0, 1, points - points // 2)
    fine = np.linspace(0, min(1, MOST_NEIGHBOURS / (2 * dimension)), points // 2 + 2)[1:-1]
    return np.unique(np.concatenate([coarse, fine]))


def _curves(spec: Percolation, dimensions: range, report: Reporter) -> Columns:
    """One row a dimension and p: both order parameters with 95 % intervals of their means."""
    rows: list[dict[str, Any]] = []
    for place, dimension in enumerate(dimensions):
        stage = part(report, place / len(dimensions), (place + 1) / len(dimensions))
        grid = grid_of(spec.points, dimension)
        shares = np.stack(list(_shares(spec, dimension, grid, stage)))
        for name, values in zip(("largest", "spanning"), shares.transpose(1, 2, 0), strict=True):
            mean = values.mean(1)
            reach = NORMAL_95 * values.std(1, ddof=1) / spec.lattices**0.5
            theory = mean_field(grid, dimension)
            rows += (
                {
                    "dimension": dimension,
                    "side": side_of(spec.sites, dimension),
                    "measure": name,
                    "p": float(grid[k]),
                    "neighbours": float(2 * dimension * grid[k]),
                    "share": float(mean[k]),
                    "low": float(max(0, mean[k] - reach[k])),
                    "high": float(min(1, mean[k] + reach[k])),
                    "mean_field": float(theory[k]),
                }
                for k in range(len(grid))
            )
    return columns(rows)


def _shares(
    spec: Percolation, dimension: int, grid: np.ndarray, report: Reporter
) -> Iterator[np.ndarray]:
    """For each lattice the shares (2, points) in its largest and in its spanning cluster.

    All axes but the one that is spanned are periodic: in many dimensions nearly all sites of a lattice
    that fits into memory would lie at a face otherwise.
    """
    side = side_of(spec.sites, dimension)
    for k in range(spec.lattices):
        levels = draw_levels(dimension, side, spec.seed, f"order {dimension} {k}")
        shares = np.empty((2, len(grid)))
        for i, p in enumerate(grid):
            report(k + i / len(grid), spec.lattices, dimension=dimension)
            found = clusters(levels < p, periodic=range(1, dimension))
            shares[:, i] = found.largest_share, found.spanning_share
        yield shares


def _thresholds(spec: Percolation, dimensions: range, report: Reporter) -> Columns:
    """One row a dimension: the estimate, its standard error, the literature, both theories."""
    found = [
        threshold(
            dimension,
            spec.samples,
            spec.steps,
            spec.seed,
            part(report, k / len(dimensions), (k + 1) / len(dimensions)),
        )
        for k, dimension in enumerate(dimensions)
    ]
    return {
        "dimension": list(dimensions),
        "estimate": [one.value for one in found],
        "error": [one.error for one in found],
        "method": [one.method for one in found],
        "literature": [LITERATURE[dimension] for dimension in dimensions],
        "mean_field": [mean_field_threshold(dimension) for dimension in dimensions],
        "series": [series_threshold(dimension) for dimension in dimensions],
    }
