"""The paper's procedure written plainly: one pair at a time, float32, every point, every iteration.

It is the yardstick of `python -m engine bench` and the reference of the tests, so it shares nothing
with the finders but the classifier.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import torch
import torch.nn.functional as F

from engine.classifiers.classifier import Classifier

BATCH = 50
"""Images a forward pass, as a plain script would choose."""


@dataclass(frozen=True)
class PlainPath:
    """Nodes (M, C, H, W), whether every point seen is below the threshold, rounds used."""

    nodes: torch.Tensor
    connected: bool
    rounds: int


def plain_connect(
    classifier: Classifier,
    a: torch.Tensor,
    c: torch.Tensor,
    target: int,
    *,
    threshold: float = 0.05,
    rounds: int = 4,
    iterations: int = 1024,
    points: int = 1000,
) -> PlainPath:
    """Join images `a` and `c` (C, H, W) as Vrabel et al. 2024, sec. 4.1, describe it."""
    nodes = [image.to(classifier.device) for image in (a, c)]
    for number in range(rounds + 1):
        counts = points if number == 0 else points // 2
        tops = [plain_losses(classifier, *segment, target, counts) for segment in pairwise(nodes)]
        high = [bool(losses.max() > threshold) for losses in tops]
        if not any(high) or number == rounds:
            return PlainPath(torch.stack(nodes), not any(high), number)
        bent = [nodes[0]]
        for k, losses in enumerate(tops):
            if high[k]:
                t = int(losses.argmax()) / (counts - 1)
                bent.append(plain_bypass(classifier, nodes[k], nodes[k + 1], t, target, iterations))
            bent.append(nodes[k + 1])
        nodes = bent
    raise AssertionError("the loop above returns")


def plain_losses(
    classifier: Classifier, a: torch.Tensor, c: torch.Tensor, target: int, points: int
) -> torch.Tensor:
    """Losses at `points` uniform points of a straight line, both ends included."""
    a, c = (image.to(classifier.device) for image in (a, c))
    t = torch.linspace(0, 1, points, device=a.device).reshape(-1, 1, 1, 1)
    losses = []
    with torch.no_grad():
        for some in t.split(BATCH):
            logits = classifier.forward((1 - some) * a + some * c)
            goal = torch.full((len(some),), target, device=a.device)
            losses.append(F.cross_entropy(logits, goal, reduction="none"))
    return torch.cat(losses)


def plain_bypass(
    classifier: Classifier,
    a: torch.Tensor,
    c: torch.Tensor,
    t: float,
    target: int,
    iterations: int,
) -> torch.Tensor:
    """Adam from B = (1 - t) a + t c within the hyperplane orthogonal to c - a, all iterations."""
    top = (1 - t) * a + t * c
    normal = (c - a) / (c - a).norm()
    b = top.clone().requires_grad_(True)
    optimiser = torch.optim.Adam([b], lr=0.005)
    goal = torch.tensor([target], device=top.device)
    for _ in range(iterations):
        optimiser.zero_grad()
        rough = (b[:, 1:] - b[:, :-1]).square().sum() + (b[..., 1:] - b[..., :-1]).square().sum()
        loss = F.cross_entropy(classifier.forward(b[None]), goal)
        (loss + 0.1 * (b - top).square().mean() + 1e-7 * rough).backward()
        optimiser.step()
        with torch.no_grad():
            b -= ((b - top) * normal).sum() * normal
    return b.detach()


def plain_attack(
    classifier: Classifier,
    source: torch.Tensor,
    target: int,
    *,
    iterations: int = 512,
    high_frequency_weight: float = 1e-8,
) -> torch.Tensor:
    """The targeted attack of sec. 4.2 on one image (C, H, W): every iteration, pixels kept in [0, 1]."""
    source = source.to(classifier.device)
    k = source.clone().requires_grad_(True)
    optimiser = torch.optim.Adam([k], lr=0.005)
    goal = torch.tensor([target], device=source.device)
    for _ in range(iterations):
        optimiser.zero_grad()
        rough = (k[:, 1:] - k[:, :-1]).square().sum() + (k[..., 1:] - k[..., :-1]).square().sum()
        loss = F.cross_entropy(classifier.forward(k[None]), goal)
        near = (k - source).square().mean()
        (loss + 0.1 * near + high_frequency_weight * rough).backward()
        optimiser.step()
        with torch.no_grad():
            k.clamp_(0, 1)
    return k.detach()


def plain_plane(
    classifier: Classifier,
    first: torch.Tensor,
    second: torch.Tensor,
    third: torch.Tensor,
    target: int,
    resolution: int,
    margin: float = 0.2,
) -> torch.Tensor:
    """Losses (resolution, resolution) over the plane through three images (C, H, W), row by row."""
    first, second, third = (image.to(classifier.device) for image in (first, second, third))
    along, aside = third - first, second - first
    along = along / along.norm()
    rest = aside - (aside * along).sum() * along
    rest = rest / rest.norm()
    spots = torch.tensor(
        [[float((v * u).sum()) for u in (along, rest)] for v in (0 * along, aside, third - first)]
    )
    low, high = spots.amin(0), spots.amax(0)
    x, y = (
        torch.linspace(
            float(low[k] - margin * (high[k] - low[k])),
            float(high[k] + margin * (high[k] - low[k])),
            resolution,
            device=classifier.device,
        )
        for k in (0, 1)
    )
    rows = []
    with torch.no_grad():
        for height in y:
            points = first + x.reshape(-1, 1, 1, 1) * along + height * rest
            goal = torch.full((resolution,), target, device=points.device)
            rows.append(F.cross_entropy(classifier.forward(points), goal, reduction="none"))
    return torch.stack(rows)


def plain_synthesis(
    classifier: Classifier, target: int, *, seed: int = 0, iterations: int = 256
) -> torch.Tensor:
    """The high-frequency mode of Fig. 7, one image (C, H, W): Adam on a sigmoid's pixels, every iteration."""
    draws = torch.Generator().manual_seed(seed)
    pixels = torch.randn(classifier.input_shape, generator=draws).to(classifier.device)
    pixels.requires_grad_(True)
    optimiser = torch.optim.Adam([pixels], lr=0.05)
    goal = torch.tensor([target], device=pixels.device)
    for _ in range(iterations):
        optimiser.zero_grad()
        F.cross_entropy(classifier.forward(pixels.sigmoid()[None]), goal).backward()
        optimiser.step()
    return pixels.detach().sigmoid()


def plain_features(
    classifier: Classifier, images: torch.Tensor, ends: dict[int, torch.Tensor], points: int
) -> list[torch.Tensor]:
    """What the paper's detector looks at (sec. 4.2.1), image by image: the curve to its class's image."""
    found = []
    for image in images.to(classifier.device):
        with torch.no_grad():
            logits = classifier.forward(image[None])[0]
        seen = int(logits.argmax())
        losses = plain_losses(classifier, image, ends[seen], seen, points)
        found.append(torch.cat([losses, logits.sort(descending=True).values]))
    return found
