"""What the record of untrained networks holds: every pair, every input, fractions, one pair in depth."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.experiments.base import Columns, Findings, columns
from engine.experiments.pair.computing.walk import Walk, describe
from engine.experiments.untrained.computing.optimal_inputs import OptimalPairs
from engine.experiments.untrained.untrained import Untrained
from engine.finders.connection import Connection
from engine.statistics import wilson

ROWS = 200
"""Looks at an input that are kept, about: 4,096 steps that led nowhere need no more."""


@dataclass(frozen=True)
class Trial:
    """What one network gave: its name, class names, pairs, and the paths of those that are ready.

    `connections` and `straight` (the highest loss on the straight line, in nats) are in the order of
    `pairs.ready`; `shown` is the first of them walked in depth, for the first network only.
    """

    seed: int
    classes: tuple[str, ...]
    pairs: OptimalPairs
    connections: list[Connection]
    straight: list[float]
    shown: Walk | None


def found_in(spec: Untrained, trials: list[Trial]) -> Findings:
    """The findings of all networks; without an optimal pair there are no paths, and that is said."""
    shown = trials[0].shown
    arrays, tables, summary = describe(shown) if shown else ({}, {}, {})
    tables = {
        **tables,
        "pairs": columns(_pairs(trials)),
        "heights": columns(_heights(trials), ("seed", "class", "round", "height")),
        "fractions": columns(_fractions(spec, trials)),
        "inputs": columns(_inputs(trials)),
        "search": _search(trials),
    }
    return Findings(arrays, tables, {**_summary(spec, trials), **summary})


def _pairs(trials: list[Trial]) -> list[dict[str, Any]]:
    """One row a pair. What only a pair of optimal inputs has is NaN for the others."""
    rows: list[dict[str, Any]] = []
    for trial in trials:
        place = {int(k): n for n, k in enumerate(trial.pairs.ready)}
        for k, target in enumerate(trial.pairs.targets):
            n = place.get(k)
            found = None if n is None else trial.connections[n]
            rows.append(
                {
                    "seed": trial.seed,
                    "class": trial.classes[target],
                    "loss_a": float(trial.pairs.loss[k, 0]),
                    "loss_c": float(trial.pairs.loss[k, 1]),
                    "converged": found is not None,
                    "straight": math.nan if n is None else trial.straight[n],
                    "height": found.height if found else math.nan,
                    "rounds": len(found.rounds) if found else math.nan,
                    "segments": found.path.segments if found else math.nan,
                    "connected": bool(found and found.connected),
                }
            )
    return rows


def _heights(trials: list[Trial]) -> list[dict[str, Any]]:
    """One row a pair and round that was made; round 0 is the straight path."""
    return [
        {"seed": trial.seed, "class": trial.classes[one.target], "round": k, "height": float(top)}
        for trial in trials
        for one, straight in zip(trial.connections, trial.straight, strict=True)
        for k, top in enumerate(heights_of(one, straight))
    ]


def heights_of(connection: Connection, straight: float) -> np.ndarray:
    """The highest loss of the straight path and of the path after every round that was made."""
    return np.array([straight, *(done.height for done in connection.rounds)])


def _fractions(spec: Untrained, trials: list[Trial]) -> list[dict[str, Any]]:
    """Pairs of optimal inputs that are connected after each round, with Wilson's 95 % interval."""
    found = [one for trial in trials for one in trial.connections]
    rows = []
    for number in range(spec.rounds + 1):
        joined = sum(one.connected and len(one.rounds) <= number for one in found)
        low, high = wilson(joined, len(found))
        rows.append(
            {
                "round": number,
                "pairs": len(found),
                "connected": joined,
                "fraction": joined / len(found) if found else math.nan,
                "low": low,
                "high": high,
            }
        )
    return rows


def _inputs(trials: list[Trial]) -> list[dict[str, Any]]:
    """One row an input: its loss, the steps it took, and how far it leaves [0, 1]."""
    rows = []
    for trial in trials:
        images = trial.pairs.images.cpu().numpy()
        for k, target in enumerate(trial.pairs.targets):
            for end, name in enumerate("AC"):
                image = images[k, end]
                rows.append(
                    {
                        "seed": trial.seed,
                        "class": trial.classes[target],
                        "input": name,
                        "loss": float(trial.pairs.loss[k, end]),
                        "steps": int(trial.pairs.steps[k, end]),
                        "converged": bool(trial.pairs.reached[k, end]),
                        "lowest": float(image.min()),
                        "highest": float(image.max()),
                    }
                )
    return rows


def _search(trials: list[Trial]) -> Columns:
    """The loss of every input on its way, thinned to about ROWS points; the last one is kept."""
    rows: list[dict[str, Any]] = []
    for trial in trials:
        for k, target in enumerate(trial.pairs.targets):
            for end, name in enumerate("AC"):
                looks = int((trial.pairs.clock[:, k, end] >= 0).sum())
                kept = np.unique(np.linspace(0, looks - 1, min(looks, ROWS)).round().astype(int))
                rows += [
                    {
                        "seed": trial.seed,
                        "class": trial.classes[target],
                        "input": name,
                        "step": int(trial.pairs.clock[look, k, end]),
                        "loss": float(trial.pairs.trace[look, k, end]),
                    }
                    for look in kept
                ]
    return columns(rows)


def _summary(spec: Untrained, trials: list[Trial]) -> dict[str, Any]:
    first = trials[0]
    ready = sum(len(trial.connections) for trial in trials)
    pairs = sum(len(trial.pairs.targets) for trial in trials)
    target = int(first.pairs.targets[first.pairs.ready[0]]) if first.connections else None
    return {
        "status": f"None of {pairs} pairs of inputs reached a loss below {spec.threshold:g} nats.",
        "connected": False,
        "threshold": spec.threshold,
        "pairs": pairs,
        "converged": ready,
        "joined": sum(one.connected for trial in trials for one in trial.connections),
        "classes": list(first.classes),
        "target": target,
        "target_name": first.classes[target] if target is not None else None,
        "shown_seed": first.seed if target is not None else None,
    }
