"""Curve finding (Garipov et al. 2018): lower the expected loss at random points of a whole curve.

A polychain and a Bézier curve are both linear in their nodes, so one problem serves both; they differ
in the weights that their nodes have at t.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from math import comb
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.finders.search import PathProblem, Tasks, WholePathSettings
from engine.lazy import F, torch
from engine.parameters import SEEDS, advanced
from engine.random import generator

if TYPE_CHECKING:
    from engine.classifiers.classifier import Classifier
    from engine.finders.settings import ConnectSettings

POINTS_PER_STEP = 8
CHORDS_PER_NODE = 4


@dataclass(frozen=True)
class CurveSettings(WholePathSettings):
    """A curve is lowered where points are drawn on it."""

    seed: int = advanced(0, "Seed of the random points on the curve (finders of curves).", SEEDS)


class _Curve(PathProblem):
    """Minimise the mean loss at random t, one in each of POINTS_PER_STEP equal parts of the curve."""

    settings_class = CurveSettings

    def __init__(self, classifier: Classifier, tasks: Tasks, settings: ConnectSettings) -> None:
        super().__init__(classifier, tasks, settings)
        self.draws = generator(settings.seed, f"curve-{settings.method}")

    @classmethod
    def width(cls, settings: Any) -> tuple[int, int]:
        return 1, POINTS_PER_STEP

    @staticmethod
    @abstractmethod
    def weights(t: np.ndarray, nodes: int) -> np.ndarray:
        """The weight of each node at each t: (len(t), nodes), rows adding to 1."""

    def images(self, variables: torch.Tensor, step: int) -> torch.Tensor:
        t = (np.arange(POINTS_PER_STEP) + self.draws.random(POINTS_PER_STEP)) / POINTS_PER_STEP
        return self._points(variables, t).flatten(0, 1)

    def values(
        self, images: torch.Tensor, logits: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        targets = self.tasks.targets.repeat_interleave(POINTS_PER_STEP)
        losses = F.cross_entropy(logits, targets, reduction="none").reshape(-1, POINTS_PER_STEP)
        return losses.mean(1), losses.amax(1)

    def _points(self, variables: torch.Tensor, t: np.ndarray) -> torch.Tensor:
        """Images (P, len(t), C, H, W) of the curves at t."""
        control = super().nodes(variables)
        weights = torch.from_numpy(self.weights(t, control.shape[1])).to(control)
        return torch.einsum("tk,pkchw->ptchw", weights, control)


class Polychain(_Curve):
    """Straight segments through all nodes."""

    name = "polychain"
    title = "Polychain"
    place = 20

    @staticmethod
    def weights(t: np.ndarray, nodes: int) -> np.ndarray:
        return np.clip(1 - np.abs(t[:, None] * (nodes - 1) - np.arange(nodes)), 0, None)


class Bezier(_Curve):
    """A Bézier curve with the nodes as control points; its path is the polyline of its chords."""

    name = "bezier"
    title = "Bézier curve"
    place = 30

    @staticmethod
    def weights(t: np.ndarray, nodes: int) -> np.ndarray:
        k, n = np.arange(nodes), nodes - 1
        binomials = np.array([comb(n, i) for i in k], dtype=float)
        return binomials * t[:, None] ** k * (1 - t[:, None]) ** (n - k)

    def nodes(self, variables: torch.Tensor) -> torch.Tensor:
        chords = CHORDS_PER_NODE * (variables.shape[1] + 1)
        return self._points(variables, np.linspace(0, 1, chords + 1))
