"""Lattices filled, order parameters averaged, thresholds estimated."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from engine.experiments.base import Columns, Context, Findings, columns
from engine.experiments.theory.conjecture import Percolation
from engine.lattice.mean_field import mean_field, mean_field_threshold, series_threshold
from engine.lattice.sites import clusters, draw_levels
from engine.lattice.thresholds import LITERATURE, threshold
from engine.progress import Reporter, part

MOST_NEIGHBOURS = 3.0
"""Half of the points of p lie where a site has up to this many occupied neighbours (2dp)."""


NORMAL_95 = 1.96
"""Standard errors to either side of a mean that make an interval of 95 %."""


def compute(spec: Percolation, context: Context) -> Findings:
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
