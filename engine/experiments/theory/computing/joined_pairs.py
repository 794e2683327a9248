"""The pairs behind the conjecture's figures: drawn, joined, and in two dimensions looked up on a map."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch

from engine.classifiers.classifier import Classifier
from engine.experiments.theory.computing.random_networks import random_network
from engine.experiments.theory.conjecture import Conjecture
from engine.finders.levels import LevelPath, join_levels, output
from engine.lattice.mean_field import mean_field
from engine.lattice.sites import clusters
from engine.progress import Reporter, part
from engine.random import derive

POOL = 2000
"""Random inputs that tell the spread of f, and the share of inputs near a level."""

DRAWS = 64
"""Pools of pairs that are drawn at most, for tolerances that few random pairs meet."""

REACH = 5.0
"""The map of two dimensions goes from -REACH to REACH: inputs beyond it are one in a million."""


@dataclass(frozen=True)
class Trial:
    """The pairs of one network and tolerance `delta` (in units of `spread`, the sd of f).

    Arrays have one number a pair. `joined`: the round that joined it, infinite where none did;
    `occupied`: the share of random inputs within 2 delta of its level; `theory`: the mean-field
    probability that both inputs lie in the infinite cluster; `detour`: how far its bent path leaves the
    straight line, in units of its length, NaN where it is straight or not joined; `on_grid`: 1 where
    the map joins it and 0 where not, NaN where there is no map (`grid`, f at the centres of its cells).
    """

    dimension: int
    delta: float
    spread: float
    joined: np.ndarray
    occupied: np.ndarray
    theory: np.ndarray
    detour: np.ndarray
    on_grid: np.ndarray
    paths: list[LevelPath]
    grid: np.ndarray | None


def trials(spec: Conjecture, device: str, report: Reporter) -> Iterator[Trial]:
    """Every network of every dimension with every tolerance."""
    many = len(spec.dimensions) * spec.networks
    for place, dimension in enumerate(spec.dimensions):
        for number in range(spec.networks):
            done = place * spec.networks + number
            stage = part(report, done / many, (done + 1) / many, f"Inputs of {dimension} numbers")
            yield from _network_trials(spec, dimension, number, device, stage)


def _network_trials(
    spec: Conjecture, dimension: int, number: int, device: str, report: Reporter
) -> Iterator[Trial]:
    label = f"{spec.network} {dimension} {number}"
    function = random_network(
        spec.network,
        dimension,
        width=spec.width,
        depth=spec.depth,
        activation=spec.activation,
        seed=derive(spec.seed, label),
        device=device,
    )
    dice = torch.Generator().manual_seed(derive(spec.seed, f"inputs {label}"))
    pool = _values(function, _draw(function, POOL, dice))
    spread = float(pool.std())
    grid = _grid(function, spec.grid) if dimension == 2 and spec.grid else None
    for k, delta in enumerate(spec.tolerances):
        starts, ends = _near_pairs(function, delta * spread, spec.pairs, dice)
        paths = join_levels(
            function,
            starts,
            ends,
            torch.full((len(starts),), 2 * delta * spread),
            rounds=spec.rounds,
            steps=spec.steps,
            learning_rate=spec.step_length / math.sqrt(dimension),
            points=spec.points,
            report=part(report, k / len(spec.tolerances), (k + 1) / len(spec.tolerances)),
        )
        yield _trial(dimension, delta, spread, paths, pool, grid)


def _trial(
    dimension: int,
    delta: float,
    spread: float,
    paths: list[LevelPath],
    pool: np.ndarray,
    grid: np.ndarray | None,
) -> Trial:
    occupied = np.array([np.mean(np.abs(pool - path.level) < path.goal) for path in paths])
    joined = [math.inf if path.joined is None else path.joined for path in paths]
    looked_up = [math.nan if grid is None else joined_on(grid, path) for path in paths]
    return Trial(
        dimension,
        delta,
        spread,
        np.array(joined, dtype=float),
        occupied,
        np.square(mean_field(occupied, dimension)),
        np.array([_detour(path) for path in paths], dtype=float),
        np.array(looked_up, dtype=float),
        paths,
        grid,
    )


def joined_on(grid: np.ndarray, path: LevelPath) -> bool:
    """Whether cells of the map within the goal join the path's two ends.

    It is the lattice of the paper's proof, at a cell size that memory allows: a cell counts as occupied
    where f at its centre is near enough, and the cells of the two ends always do.
    """
    cell = 2 * REACH / len(grid)
    ends = path.nodes[[0, -1]].flatten(1).cpu().numpy()
    places = tuple(np.clip(((ends + REACH) / cell).astype(int), 0, len(grid) - 1)[:, ::-1].T)
    near = np.abs(grid - path.level) < path.goal
    near[places] = True
    first, last = clusters(near).labels[places]
    return bool(first == last)


def _grid(function: Classifier, side: int) -> np.ndarray:
    """f at the centres of side x side cells of the square from -REACH to REACH."""
    centres = torch.linspace(-REACH, REACH, 2 * side + 1)[1::2]
    y, x = torch.meshgrid(centres, centres, indexing="ij")
    inputs = torch.stack([x, y], dim=-1).reshape(-1, *function.input_shape)
    return np.concatenate([_values(function, rows) for rows in inputs.split(POOL)]).reshape(
        side, side
    )


def _near_pairs(
    function: Classifier, delta: float, count: int, dice: torch.Generator
) -> tuple[torch.Tensor, torch.Tensor]:
    """The first `count` random pairs with |f(x0) - f(x1)| < delta; fewer where they are too rare."""
    kept: list[torch.Tensor] = []
    missing = count
    for _ in range(DRAWS):
        pairs = _draw(function, POOL, dice).reshape(-1, 2, *function.input_shape)
        values = _values(function, pairs.flatten(0, 1)).reshape(-1, 2)
        near = torch.from_numpy(np.abs(values[:, 0] - values[:, 1]) < delta)
        kept.append(pairs[near][:missing])
        missing -= len(kept[-1])
        if not missing:
            break
    found = torch.cat(kept).to(function.device)
    return found[:, 0], found[:, 1]


def _draw(function: Classifier, count: int, dice: torch.Generator) -> torch.Tensor:
    """Random inputs, every coordinate N(0, 1), drawn on the CPU: the same on every device."""
    return torch.randn(count, *function.input_shape, generator=dice)


def _values(function: Classifier, inputs: torch.Tensor) -> np.ndarray:
    with torch.inference_mode():
        values: np.ndarray = output(function, inputs).cpu().numpy()
    return values


def _detour(path: LevelPath) -> float:
    """The largest distance of a joined path's nodes from its straight line, over the line's length."""
    if not path.joined:
        return math.nan
    nodes = path.nodes.flatten(1)
    line = nodes[-1] - nodes[0]
    away = nodes - nodes[0]
    off = away - (away @ line / (line @ line))[:, None] * line
    return float(off.norm(dim=1).max() / line.norm())
