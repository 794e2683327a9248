"""Nudged elastic band (Draxler et al. 2018), in its string form.

Every free node slides down the loss across the path, never along it; after each step the nodes are
spread evenly along the path again, which is the limit of stiff springs.
"""

from __future__ import annotations

from typing import Any

from engine.finders.search import PathProblem
from engine.lazy import F, torch


class ElasticBand(PathProblem):
    """Free nodes (P, k, C, H, W), each moved by the part of its gradient orthogonal to the path."""

    name = "neb"
    title = "Nudged elastic band"
    place = 40

    @classmethod
    def width(cls, settings: Any) -> tuple[int, int]:
        return 1, (settings.bends + 1) * 2 ** (settings.rounds - 1) - 1

    def images(self, variables: torch.Tensor, step: int) -> torch.Tensor:
        return variables.flatten(0, 1)

    def values(
        self, images: torch.Tensor, logits: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        free = len(images) // len(self.tasks)
        targets = self.tasks.targets.repeat_interleave(free)
        losses = F.cross_entropy(logits, targets, reduction="none").reshape(-1, free)
        return losses.sum(1), losses.amax(1)

    def direct(self, gradient: torch.Tensor, variables: torch.Tensor) -> torch.Tensor:
        path = self.nodes(variables)
        tangent = (path[:, 2:] - path[:, :-2]).flatten(2)
        tangent = tangent / tangent.norm(dim=2, keepdim=True).clamp(min=1e-12)
        flat = gradient.flatten(2)
        along = (flat * tangent).sum(2, keepdim=True) * tangent
        return (flat - along).reshape(gradient.shape)

    def restrict(self, variables: torch.Tensor) -> torch.Tensor:
        return evenly_spread(self.nodes(variables))[:, 1:-1]


def evenly_spread(nodes: torch.Tensor) -> torch.Tensor:
    """Paths (P, M, C, H, W) with as many nodes at equal distances along the same polylines."""
    steps = (nodes[:, 1:] - nodes[:, :-1]).flatten(2).norm(dim=2)
    length = F.pad(steps.cumsum(1), (1, 0))
    count = nodes.shape[1]
    wanted = length[:, -1:] * torch.linspace(0, 1, count, device=nodes.device)
    segment = (torch.searchsorted(length, wanted, right=True) - 1).clamp(0, count - 2)
    fraction = (wanted - length.gather(1, segment)) / steps.gather(1, segment).clamp(min=1e-12)
    rows = torch.arange(len(nodes), device=nodes.device)[:, None]
    f = fraction.clamp(0, 1)[..., None, None, None]
    spread = nodes[rows, segment] * (1 - f) + nodes[rows, segment + 1] * f
    return torch.cat([nodes[:, :1], spread[:, 1:-1], nodes[:, -1:]], dim=1)
