"""The pairs of a population joined: the rounds that each takes, what they leave, what a bend changes."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from engine.classifiers.classifier import Classifier
from engine.finders.connecting import connect_many
from engine.finders.connection import Connection
from engine.finders.settings import ConnectSettings
from engine.objectives import HighFrequency
from engine.progress import Reporter

FOLLOWED = 2
"""Rounds after which the height is kept for itself."""


def joined_columns(
    classifier: Classifier,
    pairs: torch.Tensor,
    targets: np.ndarray,
    settings: ConnectSettings,
    report: Reporter,
) -> dict[str, np.ndarray]:
    """A row for each of N pairs (N, 2, C, H, W), as columns of float64.

    `rounds` and `segments` of the path, whether it is `joined` (0 or 1), the `left` height in nats, and
    `left_1`, `left_2` after the first two rounds, NaN where there was none. Of the first round's node B′:
    `moved`, the root of its mean squared distance from B, the top of the straight path, and
    `moved_most`, both in units of the pixel range; `roughness`, the high-frequency penalty of B′ over
    that of B.
    """
    if not len(pairs):
        return {}
    found = connect_many(
        classifier, pairs[:, 0], pairs[:, 1], targets.tolist(), settings, report, free=True
    )
    rows = [_row(one, pair) for one, pair in zip(found, pairs, strict=True)]
    return {name: np.array([row[name] for row in rows], dtype=np.float64) for name in rows[0]}


def _row(found: Connection, pair: torch.Tensor) -> dict[str, Any]:
    heights = [done.height for done in found.rounds] + [np.nan] * FOLLOWED
    return {
        "rounds": len(found.rounds),
        "segments": found.path.segments,
        "joined": found.connected,
        "left": found.height,
        **{f"left_{k + 1}": heights[k] for k in range(FOLLOWED)},
        **_change(found, pair),
    }


def _change(found: Connection, pair: torch.Tensor) -> dict[str, float]:
    """How far B′ is from B, which lies where B′ is projected onto the straight line."""
    if not found.rounds:
        return dict.fromkeys(("moved", "moved_most", "roughness"), np.nan)
    nodes = found.rounds[0].nodes.double()
    ends = pair.double()
    along = ends[1] - ends[0]
    share = ((nodes[1] - ends[0]) * along).sum() / along.square().sum()
    top = ends[0] + share * along
    change = nodes[1] - top
    rough = HighFrequency()(torch.stack([top, nodes[1]]), torch.empty(0))
    return {
        "moved": float(change.square().mean().sqrt()),
        "moved_most": float(change.abs().max()),
        "roughness": float(rough[1] / rough[0]),
    }
