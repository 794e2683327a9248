"""Modes synthesised for an experiment: natural-looking ones, high-frequency patterns, their courses.

Shared by the experiments that start from synthetic modes; how their records name the arrays and tables
is said here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from engine.classifiers.classifier import Classifier
from engine.experiments.base import Columns
from engine.progress import Reporter, part
from engine.synthesis.result import Synthesis
from engine.synthesis.settings import SynthesisSettings
from engine.synthesis.visualising import visualise


@dataclass(frozen=True)
class Kind:
    """One kind of synthetic mode: its name, how it is made, how many of it."""

    name: str
    settings: SynthesisSettings
    count: int


@dataclass(frozen=True)
class Synthetic:
    """Images of several kinds in one row: `kinds` names the kind of each."""

    kinds: tuple[str, ...]
    parts: tuple[Synthesis, ...]

    @property
    def images(self) -> torch.Tensor:
        """All images, (N, C, H, W)."""
        return torch.cat([made.images for made in self.parts])

    @property
    def converged(self) -> np.ndarray:
        """Which of them are modes, bool (N,)."""
        return np.concatenate([np.empty(0, bool), *(made.converged for made in self.parts)])

    @property
    def words(self) -> list[str]:
        """What became of each image."""
        return [word for made in self.parts for word in made.words]

    def rows(self) -> dict[str, list[Any]]:
        """The columns of a table with one row an image."""
        return {
            "kind": list(self.kinds),
            "loss": [float(loss) for made in self.parts for loss in made.loss],
            "prediction": [int(p) for made in self.parts for p in made.prediction],
            "steps": [int(steps) for made in self.parts for steps in made.steps],
            "finish": [int(steps) for made in self.parts for steps in made.finish],
            "converged": self.converged.tolist(),
        }

    def trace(self) -> Columns:
        """The loss (nats) of every image at every step, as the search saw it: mode, step, loss."""
        columns = [column[~np.isnan(column)] for made in self.parts for column in made.trace.T]
        lengths = [len(column) for column in columns]
        return {
            "mode": np.repeat(np.arange(len(columns)), lengths).astype(np.int64),
            "step": np.concatenate([np.empty(0, np.int64), *map(np.arange, lengths)]),
            "loss": np.concatenate([np.empty(0, np.float32), *columns]),
        }


def synthesise(
    classifier: Classifier, target: int, kinds: Sequence[Kind], seed: int, report: Reporter
) -> Synthetic:
    """Make all images of all kinds; a kind's progress is its share of the steps in all."""
    wanted = [kind for kind in kinds if kind.count]
    work = np.array([kind.count * kind.settings.steps for kind in wanted], float)
    ends = [0.0, *(np.cumsum(work) / work.sum()).tolist()]
    made = [
        visualise(
            classifier,
            target,
            kind.settings,
            seed=seed,
            count=kind.count,
            report=part(report, ends[k], ends[k + 1]),
        )
        for k, kind in enumerate(wanted)
    ]
    names = tuple(kind.name for kind in wanted for _ in range(kind.count))
    return Synthetic(names, tuple(made))
