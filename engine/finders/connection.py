"""What a search for a path gives back: the path, the claim about it, and how it was found."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from engine.paths import Polyline


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


@dataclass(frozen=True)
class Round:
    """The path after a round: nodes (M, C, H, W), highest interior loss in nats, what was bent."""

    nodes: torch.Tensor
    height: float
    bends: tuple[Bend, ...]


@dataclass(frozen=True)
class Connection:
    """A path between two images and whether it is one of low loss.

    `connected` says that no interior point of `path` exceeds `limit` = max(threshold, larger end
    loss) in float32, on `verified_points` points a segment, a finer grid than any the search used.
    `height` is the highest interior loss on that grid. `forward_passes` and `backward_passes` count
    images through the network, those of the verification included.
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
    forward_passes: int
    backward_passes: int
