"""Where an iterate may lie: the hyperplane orthogonal to a segment, alone or within the pixel range.

Adam's scaling leaves the hyperplane even when the gradient is projected, so it is the iterate that is
projected, after every step.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.errors import ImageError
from engine.lazy import torch

NEWTON_STEPS = 40
CLOSE = 1e-6
"""An offset this small, in pixel units, is on the hyperplane as float32 goes."""


@dataclass(frozen=True)
class Hyperplane:
    """P hyperplanes through `anchors` (P, C, H, W) with unit `normals` of the same shape."""

    anchors: torch.Tensor
    normals: torch.Tensor
    box: bool = False

    @classmethod
    def across(
        cls, anchors: torch.Tensor, starts: torch.Tensor, ends: torch.Tensor, box: bool = False
    ) -> Hyperplane:
        """Through `anchors`, orthogonal to `ends - starts`; with `box`, pixels stay in [0, 1] too."""
        along = ends - starts
        length = _dot(along, along).sqrt()
        if bool((length == 0).any()):
            raise ImageError(
                "The two ends of a segment are identical, so nothing lies between them."
            )
        return cls(anchors, along / _column(length, along), box)

    def project(self, images: torch.Tensor) -> torch.Tensor:
        """The nearest images of the hyperplane (and of [0, 1], where `box` is set)."""
        return self._project_boxed(images) if self.box else self._project_free(images)

    def offset(self, images: torch.Tensor) -> torch.Tensor:
        """Signed distance of the images from their hyperplanes, (P,), in pixel units."""
        return _dot(images - self.anchors, self.normals)

    def take(self, rows: torch.Tensor) -> Hyperplane:
        """The same constraint for some of the problems."""
        return Hyperplane(self.anchors[rows], self.normals[rows], self.box)

    def _project_free(self, images: torch.Tensor) -> torch.Tensor:
        return images - _column(self.offset(images), images) * self.normals

    def _project_boxed(self, images: torch.Tensor) -> torch.Tensor:
        """Euclidean projection on hyperplane and box at once.

        It is clamp(b - s u) for the s at which the offset vanishes. The offset is monotone and
        piecewise linear in s, so Newton's method, kept inside a bracket, ends exactly there.
        """
        u = self.normals
        s = self.offset(images)
        # Beyond these, every pixel that matters has reached its end of the range.
        far = (images.abs() + 1).flatten(1).amax(1) / u.abs().flatten(1).amax(1)
        low, high = s - far, s + far
        for _ in range(NEWTON_STEPS):
            moved = images - _column(s, u) * u
            off = self.offset(moved.clamp(0, 1))
            if bool((off.abs() <= CLOSE).all()):
                break
            low, high = torch.where(off > 0, s, low), torch.where(off > 0, high, s)
            slope = (u.square() * ((moved > 0) & (moved < 1))).flatten(1).sum(1)
            newton = s + off / slope.clamp(min=1e-12)
            inside = (newton >= low) & (newton <= high)
            s = torch.where(inside, newton, (low + high) / 2)
        return (images - _column(s, u) * u).clamp(0, 1)


def _dot(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    return (a * b).flatten(1).sum(1)


def _column(values: torch.Tensor, like: torch.Tensor) -> torch.Tensor:
    return values.reshape(-1, *[1] * (like.ndim - 1))
