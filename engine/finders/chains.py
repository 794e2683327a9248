"""Paths under construction: many at once, measured together.

A chain is one pair's path while it is searched. Measuring evaluates all segments of all chains in
shared batches, which is where most of the time of a search would otherwise go.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.finders.connection import Round
from engine.lazy import torch
from engine.paths import blend, losses_at
from engine.progress import SILENT, Reporter

if TYPE_CHECKING:
    from engine.classifiers.classifier import Classifier

MARGIN = 0.8
"""A search aims at this part of what it must prove, so that a finer grid does not refute it."""


@dataclass
class Chain:
    """One pair's path while it is searched: nodes (M, C, H, W) and what is known of its losses.

    `limit` is what no interior point may exceed and `goal` what the search aims at, in nats. `tops`
    holds each segment's highest interior loss and `places` where it is; `knots` the loss at each
    interior node. `promising` says that nothing seen so far exceeds the limit.
    """

    nodes: torch.Tensor
    target: int
    limit: float
    goal: float
    verify_points: int
    tops: torch.Tensor = field(default_factory=lambda: torch.empty(0))
    places: torch.Tensor = field(default_factory=lambda: torch.empty(0))
    knots: torch.Tensor = field(default_factory=lambda: torch.empty(0))
    rounds: list[Round] = field(default_factory=list)
    promising: bool = False
    connected: bool = False
    verified_points: int = 0
    checked_points: int = 0
    forward_passes: int = 0
    backward_passes: int = 0

    @property
    def segments(self) -> int:
        return len(self.nodes) - 1

    @property
    def height(self) -> float:
        """The highest interior loss found by the last measurement, nats."""
        return float(torch.cat([self.tops, self.knots]).max())


@dataclass(frozen=True)
class Plan:
    """One optimisation to do: new nodes between nodes `left` and `right`, first guess `inner`.

    `segment` names it in the record (-1: the whole path); `before` is its barrier, nats.
    """

    left: int
    right: int
    inner: torch.Tensor
    segment: int
    before: float


def top_of(chain: Chain, segment: int) -> torch.Tensor:
    """The image (1, C, H, W) at the top of a segment's barrier."""
    place = chain.places[segment : segment + 1].to(chain.nodes.device)
    return blend(chain.nodes[segment : segment + 1], chain.nodes[segment + 1 : segment + 2], place)


def new_chain(
    nodes: torch.Tensor, target: int, ends: torch.Tensor, threshold: float, verify_points: int
) -> Chain:
    """The straight path between two images (2, C, H, W) whose losses are `ends` (2,)."""
    higher = float(ends.max())
    limit = max(threshold, higher)
    goal = max(MARGIN * limit, higher + (1 - MARGIN) * (limit - higher))
    return Chain(nodes, target, limit, goal, verify_points)


def measure(
    classifier: Classifier, chains: list[Chain], points: int, report: Reporter = SILENT
) -> None:
    """Write every chain's tops, places and knots, seen at `points` equal steps a segment."""
    if not chains:
        return
    starts = torch.cat([chain.nodes[:-1] for chain in chains])
    ends = torch.cat([chain.nodes[1:] for chain in chains])
    counts = [chain.segments for chain in chains]
    targets = torch.tensor([chain.target for chain in chains]).repeat_interleave(
        torch.tensor(counts)
    )
    losses = grid_losses(classifier, starts, ends, targets, points, report).split(counts)
    for chain, loss in zip(chains, losses, strict=True):
        seen_at(chain, loss)
        chain.forward_passes += loss.numel()


def seen_at(chain: Chain, losses: torch.Tensor) -> None:
    """Write a chain's tops, places and knots: losses (S, N) at N equal steps of each of its S segments."""
    chain.tops, where = losses[:, :-1].max(1)
    chain.places = (where + 1).double() / losses.shape[1]
    chain.knots = losses[:-1, -1]
    chain.promising = chain.height <= chain.limit


def sharpen(classifier: Classifier, chains: list[Chain]) -> None:
    """Move the places of too high tops to the paper's grid: 1,000 points a line, 500 a segment.

    The top on that grid is found near the coarse one in two passes, not by evaluating all of it.
    """
    high = [(chain, s) for chain in chains for s in too_high(chain)]
    if not high:
        return
    starts = torch.stack([chain.nodes[s] for chain, s in high])
    ends = torch.stack([chain.nodes[s + 1] for chain, s in high])
    targets = torch.tensor([chain.target for chain, _ in high])
    steps = torch.tensor([999 if chain.segments == 1 else 499 for chain, _ in high])[:, None]
    tops = torch.stack([chain.places[s] for chain, s in high])[:, None]
    grid = (tops * steps).round().long()
    for offsets in (torch.arange(-32, 33, 8), torch.arange(-7, 8)):
        near = (grid + offsets).clamp(min=1).minimum(steps - 1)
        segment = torch.arange(len(high)).repeat_interleave(len(offsets))
        loss, _ = losses_at(
            classifier, starts, ends, segment, (near / steps).double().flatten(), targets
        )
        best, where = loss.reshape(near.shape).max(1)
        grid = near.gather(1, where[:, None])
    for row, (chain, s) in enumerate(high):
        chain.places[s], chain.tops[s] = grid[row] / steps[row], best[row]
        chain.forward_passes += 24


def too_high(chain: Chain) -> list[int]:
    """The segments whose top exceeds the limit."""
    return (chain.tops > chain.limit).nonzero().flatten().tolist()


def grid_losses(
    classifier: Classifier,
    starts: torch.Tensor,
    ends: torch.Tensor,
    targets: torch.Tensor,
    points: int,
    report: Reporter = SILENT,
) -> torch.Tensor:
    """Losses (S, points) on S segments at fractions 1/points, 2/points, ..., 1."""
    fractions = torch.arange(1, points + 1, dtype=torch.float64) / points
    segment = torch.arange(len(starts)).repeat_interleave(points)
    loss, _ = losses_at(
        classifier, starts, ends, segment, fractions.repeat(len(starts)), targets, report
    )
    return loss.reshape(len(starts), points)
