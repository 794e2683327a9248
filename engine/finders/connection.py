"""What a search for a path gives back: the path, the claim about it, and how it was found."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from engine.curves import LossCurve
from engine.errors import ParameterError
from engine.lazy import torch
from engine.paths import Polyline, loss_curve

if TYPE_CHECKING:
    from engine.classifiers.classifier import Classifier
    from engine.plots.grammar import Drawing


@dataclass(frozen=True)
class Bend:
    """One optimisation of a round: a bypass of one segment, or a pass over the whole path.

    `segment` is the segment's place in the path before the round (-1: the whole path), `before` and
    `after` its highest loss in nats, `outside` how far its new nodes leave [0, 1], `drift` how far
    they lie off their hyperplane in units of |C - A| (0 where there is none), `trace` the loss of
    the optimised node at every look at it, and `clock` the steps that were taken until then.
    """

    segment: int
    steps: int
    before: float
    after: float
    outside: float
    drift: float
    trace: np.ndarray
    clock: np.ndarray

    def __repr__(self) -> str:
        where = f"segment {self.segment}" if self.segment >= 0 else "the whole path"
        return (
            f"<Bend of {where}: {self.before:.3g} to {self.after:.3g} nats in {self.steps} steps>"
        )


@dataclass(frozen=True)
class Round:
    """The path after a round: nodes (M, C, H, W), highest interior loss in nats, what was bent."""

    nodes: torch.Tensor
    height: float
    bends: tuple[Bend, ...]

    def __repr__(self) -> str:
        return f"<Round: {len(self.nodes)} nodes, highest loss {self.height:.3g} nats>"


@dataclass(frozen=True)
class Connection:
    """A path between two images and whether it is one of low loss.

    `connected` says that no interior point of `path` exceeds `limit` = max(threshold, larger end
    loss) in float32, on a grid of `verified_points` points a segment, finer than any the search used;
    `checked_points` of it were measured, wherever the loss could exceed it (`engine.finders.verifying`).
    `height` is the highest interior loss there. `forward_passes` and `backward_passes` count
    images through the network, those of the verification included. `classifier` is the one that was asked,
    for figures.
    """

    path: Polyline
    target: int
    connected: bool
    status: str
    threshold: float
    limit: float
    height: float
    rounds: tuple[Round, ...]
    verified_points: int
    checked_points: int
    forward_passes: int
    backward_passes: int
    classifier: Classifier | None = field(default=None, compare=False)

    def __repr__(self) -> str:
        return f"<Connection of {len(self.path.nodes)} nodes: {self.status}>"

    def curves(self, points: int = 1000) -> list[LossCurve]:
        """The loss along the straight path and along the path after each round, measured now."""
        if self.classifier is None:
            raise ParameterError("This connection has no classifier. Use loss_curve with one.")
        paths = [self.path.nodes[[0, -1]], *(done.nodes for done in self.rounds)]
        return [loss_curve(self.classifier, Polyline(p), self.target, points) for p in paths]

    def plot(self, points: int = 1000, logarithmic: bool = False) -> Drawing:
        """The app's figure of these curves, an Altair chart."""
        from engine.plots.curves import loss_curves
        from engine.plots.tracks import Drawn

        curves = self.curves(points)
        tracks = [curve.track(number) for number, curve in enumerate(curves)]
        return loss_curves(Drawn(tracks, self.threshold, curves[0].classes), logarithmic)[0]
