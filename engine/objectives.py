"""Objectives: values that add and scale, `CrossEntropy(t) + 0.1 * Deviation(b) + 1e-7 * HighFrequency()`.

An objective maps images (P, C, H, W) and their logits (P, K) to one number a problem (P,). Problems are
independent, so the gradient of the sum is each problem's own gradient.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

from engine.lazy import F, torch


class Objective(ABC):
    """One term, or a sum of scaled terms."""

    @abstractmethod
    def __call__(self, images: torch.Tensor, logits: torch.Tensor) -> torch.Tensor:
        """The value for each problem, (P,)."""

    @abstractmethod
    def take(self, rows: torch.Tensor) -> Objective:
        """The same objective for some of the problems."""

    def __add__(self, other: Objective) -> Objective:
        return Total(((1.0, self), (1.0, other)))

    def __rmul__(self, weight: float) -> Objective:
        return Total(((float(weight), self),))


@dataclass(frozen=True)
class Total(Objective):
    """A weighted sum; terms of weight zero are skipped."""

    terms: tuple[tuple[float, Objective], ...]

    def __call__(self, images: torch.Tensor, logits: torch.Tensor) -> torch.Tensor:
        total = images.new_zeros(len(images))
        for weight, term in self.terms:
            if weight:
                total = total + weight * term(images, logits)
        return total

    def take(self, rows: torch.Tensor) -> Objective:
        return Total(tuple((weight, term.take(rows)) for weight, term in self.terms))


@dataclass(frozen=True)
class CrossEntropy(Objective):
    """-log softmax(logits)[target], in nats; `targets` int64 (P,)."""

    targets: torch.Tensor

    def __call__(self, images: torch.Tensor, logits: torch.Tensor) -> torch.Tensor:
        return F.cross_entropy(logits, self.targets, reduction="none")

    def take(self, rows: torch.Tensor) -> Objective:
        return CrossEntropy(self.targets[rows])


@dataclass(frozen=True)
class Logit(Objective):
    """-z_c: minimising it raises the raw logit of the class; `targets` int64 (P,)."""

    targets: torch.Tensor

    def __call__(self, images: torch.Tensor, logits: torch.Tensor) -> torch.Tensor:
        return -logits.gather(1, self.targets[:, None]).squeeze(1)

    def take(self, rows: torch.Tensor) -> Objective:
        return Logit(self.targets[rows])


@dataclass(frozen=True)
class DotCosine(Objective):
    """-dot(z, e_c) max(0.1, cos(z, e_c))^power: the class's logit, worth more where it stands alone.

    `targets` int64 (P,). Source: Vrabel et al. 2024, sec. 4.3, with power 0.5.
    """

    targets: torch.Tensor
    power: float = 0.5

    def __call__(self, images: torch.Tensor, logits: torch.Tensor) -> torch.Tensor:
        dot = logits.gather(1, self.targets[:, None]).squeeze(1)
        cosine = dot / logits.norm(dim=1).clamp(min=1e-12)
        return -dot * cosine.clamp(min=0.1) ** self.power

    def take(self, rows: torch.Tensor) -> Objective:
        return DotCosine(self.targets[rows], self.power)


@dataclass(frozen=True)
class Deviation(Objective):
    """Mean squared distance of the pixels from `anchors` (P, C, H, W): mean((b - B)^2)."""

    anchors: torch.Tensor

    def __call__(self, images: torch.Tensor, logits: torch.Tensor) -> torch.Tensor:
        return (images - self.anchors).square().flatten(1).mean(1)

    def take(self, rows: torch.Tensor) -> Objective:
        return Deviation(self.anchors[rows])


@dataclass(frozen=True)
class HighFrequency(Objective):
    """Sum over channels of squared differences between vertical and horizontal neighbours."""

    def __call__(self, images: torch.Tensor, logits: torch.Tensor) -> torch.Tensor:
        down = (images[..., 1:, :] - images[..., :-1, :]).square().flatten(1).sum(1)
        across = (images[..., :, 1:] - images[..., :, :-1]).square().flatten(1).sum(1)
        return down + across

    def take(self, rows: torch.Tensor) -> Objective:
        return self


@dataclass(frozen=True)
class Diversity(Objective):
    """Mean cosine similarity with the other images of the batch, each channel's mean aside; 0 if alone.

    The others count as fixed, so that the gradient of the sum is each problem's own.
    """

    def __call__(self, images: torch.Tensor, logits: torch.Tensor) -> torch.Tensor:
        if len(images) < 2:
            return images.new_zeros(len(images))
        flat = (images - images.mean(dim=(2, 3), keepdim=True)).flatten(1)
        unit = F.normalize(flat, dim=1)
        similar = unit @ unit.detach().T
        return (similar.sum(1) - similar.diagonal()) / (len(images) - 1)

    def take(self, rows: torch.Tensor) -> Objective:
        return self
