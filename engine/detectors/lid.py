"""LID: the local intrinsic dimensionality of every layer around an image (Ma et al. 2018).

With r_1 <= ... <= r_k the distances to the k nearest of some clean images, in one layer's outputs,
LID = -(mean over i of log(r_i / r_k))^-1. Attacked images lie where it is higher.

"published" is the benchmark's code (Harder et al. 2021): the neighbours are sought among the clean images
of the minibatch that an image came in, and the nearest is always left out. For a clean image that is
itself, as it has to be; for an attacked one it is a true neighbour, often its own clean twin, so that the
two kinds are measured differently. "corrected" seeks them among clean images fixed beforehand, and leaves
out none but an image at distance zero.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from engine.detectors.base import Arrays, Detector
from engine.detectors.layers import activations, count_of
from engine.detectors.settings import Variant
from engine.detectors.sharing import layers_of, name_of, once
from engine.errors import DataError
from engine.lazy import torch
from engine.parameters import Parameters, parameter, within
from engine.progress import SILENT, Reporter
from engine.random import generator

if TYPE_CHECKING:
    from engine.detectors.references import References

LEAST = 3
"""Clean images that two neighbours can be found among, when the nearest is left out."""

SAME = 1e-12
"""Squared distances below this part of the squared lengths are rounding: they count as zero."""


@dataclass(frozen=True)
class LidSettings(Parameters):
    """Local intrinsic dimensionality of every layer (Ma et al. 2018)."""

    variant: Variant = "corrected"
    neighbours: int = parameter(20, "Nearest neighbours.", within(2, 99, "images"))
    minibatch: int = parameter(
        100, "Clean images that the neighbours are sought in.", within(3, 10_000, "images")
    )


class Lid(Detector):
    """One number for every layer; logistic regression on them without scaling."""

    name = "lid"
    title = "LID"
    place = 20
    settings_class = LidSettings
    looks_at_layers = True
    fills_passes = True
    forward_passes = 1
    """The clean images take theirs once a call, however many images are looked at."""

    def study(self, references: References, seed: int, report: Reporter) -> Arrays:
        """`company` (M, C, H, W): a minibatch of the references, drawn by `seed`."""
        count_of(self.classifier)  # or else nothing to look at
        order = generator(seed, "lid").permutation(len(references.images))
        drawn = order[: self.settings.minibatch]
        _check_company(len(drawn))
        return {"company": references.images[np.sort(drawn)].numpy()}

    def features(
        self, images: torch.Tensor, company: torch.Tensor | None = None, report: Reporter = SILENT
    ) -> np.ndarray:
        """LID float32 (N, number of layers); zero where the neighbours leave it undefined.

        `company` is heeded by the published variant alone; DataError where it is fewer than 3 images.
        """
        if company is None or self.settings.variant == "corrected":
            return super().features(images, report=report)
        _check_company(len(company))
        with torch.no_grad():
            around = self._activations(company)
            return self.each_batch(
                images, lambda batch: self._among(self._lengths(batch, around)), report, fill=False
            )

    def compute_features(self, images: torch.Tensor) -> torch.Tensor:
        """LID (n, number of layers) among the clean images that `study` kept."""
        key = ("lid", self._company_name, name_of(images))
        return self._among(once(key, lambda: self._lengths(images, self._kept)))

    @property
    def held(self) -> int:
        """With the activations of the clean images."""
        return super().held + sum(layer.nbytes for layer in vars(self).get("_kept", ()))

    @cached_property
    def _company_name(self) -> bytes:
        return name_of(torch.from_numpy(self.constants["company"]))

    @cached_property
    def _kept(self) -> list[torch.Tensor]:
        """The activations of those."""
        with torch.no_grad():
            return self._activations(torch.from_numpy(self.constants["company"]))

    def _lengths(self, images: torch.Tensor, around: list[torch.Tensor]) -> list[torch.Tensor]:
        """Distances (n, M), layer by layer, of a batch to images with activations `around`."""
        outputs = layers_of(self.classifier, images, _flattened)
        return [distances(own, other) for own, other in zip(outputs, around, strict=True)]

    def _among(self, lengths: list[torch.Tensor]) -> torch.Tensor:
        """LID (n, L) from the distances of every layer."""
        return torch.stack([self._dimensionality(layer) for layer in lengths], dim=1)

    def _activations(self, images: torch.Tensor) -> list[torch.Tensor]:
        """All outputs of layers for images, flattened: (M, F) each."""
        parts = [
            [output[:count] for output in activations(self.classifier, batch, _flattened)]
            for batch, count in self.in_lanes(images)
        ]
        return [torch.cat(layer) for layer in zip(*parts, strict=True)]

    def _dimensionality(self, lengths: torch.Tensor) -> torch.Tensor:
        """LID (n,) from distances (n, M)."""
        k = min(self.settings.neighbours, lengths.shape[1] - 1)
        if self.settings.variant == "published":
            return dimensionality(lengths.sort(1).values[:, 1 : k + 1])
        others = lengths.masked_fill(lengths == 0, float("inf"))
        return dimensionality(others.sort(1).values[:, :k])


def distances(images: torch.Tensor, others: torch.Tensor) -> torch.Tensor:
    """Euclidean distances float64 (n, M) between activations (n, F) and (M, F).

    By the differences, pair by pair, so that each distance is the same whatever else is measured.
    """
    apart = torch.cdist(images, others, compute_mode="donot_use_mm_for_euclid_dist").double()
    lengths = images.norm(dim=1)[:, None].square() + others.norm(dim=1).square()
    return apart.masked_fill(apart.square() <= SAME * lengths, 0)


def dimensionality(near: torch.Tensor) -> torch.Tensor:
    """-(mean log(r_i / r_k))^-1 (n,) of increasing distances (n, k); infinite ones are no neighbours.

    Zero where it is undefined: all distances are equal, or some is zero.
    """
    there = near.isfinite()
    count = there.sum(1)
    furthest = near.gather(1, (count - 1).clamp(min=0)[:, None])
    total = (near / furthest).log().masked_fill(~there, 0).sum(1)
    return torch.where(total < 0, -count / total, 0.0)


def _flattened(output: torch.Tensor) -> torch.Tensor:
    return output.clone().flatten(1)


def _check_company(count: int) -> None:
    if count < LEAST:
        raise DataError(
            f"LID seeks neighbours among at least {LEAST} clean images, got {count}. Give more."
        )
