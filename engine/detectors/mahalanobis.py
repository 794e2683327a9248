"""Mahalanobis: how far every layer's channel means lie from the nearest class (Lee et al. 2018).

The score of a layer is max over classes c of -1/2 (f - m_c)' P (f - m_c): f are the channel means of one
layer's output, m_c those of a class's references, P the inverse of one covariance tied over the classes. With
fewer references than channels a covariance has no inverse: it is shrunk towards a multiple of the identity
(Ledoit and Wolf 2004), less and less as references grow. Directions without any variance are left out.

Before it is measured, an image is moved a little to raise that score: x + size * sign(gradient of the
score), each layer having its own. Lee et al. move the normalised image and divide by the standard deviation
of its normalisation, which is the same; pixels are not clipped. Attacks differ in size: features hold the
scores for every one.

"published" reproduces the benchmark's code (Harder et al. 2021): its loader shuffles the images anew for
every layer, so that a row holds the scores of as many images as there are layers, all of them clean or all
of them attacked, which are easier to tell apart than one. Here a permutation of the images of a call, drawn
by seed and layer, does that; an image alone is not mixed. "corrected" does not mix.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from engine.batches import filled
from engine.detectors.base import Arrays, Detector
from engine.detectors.layers import activations, channel_means
from engine.detectors.settings import Variant
from engine.errors import DataError
from engine.lazy import torch
from engine.parameters import Parameters, parameter, within
from engine.progress import SILENT, Reporter
from engine.random import generator

if TYPE_CHECKING:
    from engine.detectors.references import References

OWN_SIZE = ("fgsm", "cw", "deepfool")
"""Attacks with a size of their own; all others share one."""

NO_VARIANCE = 1e-10
"""Variances below this part of the largest are none."""


@dataclass(frozen=True)
class MahalanobisSettings(Parameters):
    """Distance of every layer's channel means to the nearest class (Lee et al. 2018)."""

    variant: Variant = "corrected"
    fgsm: float = parameter(
        2e-4, "Size of the input's change for FGSM.", within(0, 1, "pixel range")
    )
    cw: float = parameter(1e-5, "Size of the input's change for C&W.", within(0, 1, "pixel range"))
    deepfool: float = parameter(
        5e-5, "Size of the input's change for DeepFool.", within(0, 1, "pixel range")
    )
    others: float = parameter(
        5e-5, "Size of the input's change for all other attacks.", within(0, 1, "pixel range")
    )


class Mahalanobis(Detector):
    """One number for every layer and size; logistic regression on those of one size, without scaling."""

    name = "mahalanobis"
    title = "Mahalanobis"
    place = 30
    settings_class = MahalanobisSettings
    late_variant = True

    def study(self, references: References, seed: int, report: Reporter) -> Arrays:
        """Of layer l, `means/l` (K, C) and `factor/l` (C, r) with P = factor factor'; and the seed.

        DataError where no class has two references: there would be no covariance.
        """
        labels = references.labels.numpy()
        if len(labels) <= len(np.unique(labels)):
            raise DataError(
                "Mahalanobis needs the spread of the classes: at least two references of some class, "
                f"got {len(labels)} references of {len(np.unique(labels))} classes. Give more labelled clean "
                "images."
            )
        sizes: list[int] = []

        def measure(batch: torch.Tensor) -> torch.Tensor:
            means = activations(self.classifier, batch, channel_means)
            sizes[:] = [mean.shape[1] for mean in means]
            return torch.cat(means, dim=1)

        joined = self.each_batch(references.images, measure, report)
        constants = {"seed": np.array(seed)}
        for layer, values in enumerate(np.split(joined, np.cumsum(sizes)[:-1], axis=1)):
            means, factor = tied_gaussian(values, labels)
            constants[f"means/{layer}"] = means.astype(np.float32)
            constants[f"factor/{layer}"] = factor.astype(np.float32)
        return constants

    def features(
        self, images: torch.Tensor, company: torch.Tensor | None = None, report: Reporter = SILENT
    ) -> np.ndarray:
        """Scores float32 (N, sizes * L): for each size in turn, those of all L layers."""
        return self._features(images, self._sizes, report)

    def telling_features(self, images: torch.Tensor, report: Reporter = SILENT) -> np.ndarray:
        """The scores for the size that a model of all attacks together looks at; others are zero."""
        return self._features(images, [self._size("")], report)

    def _features(self, images: torch.Tensor, sizes: list[float], report: Reporter) -> np.ndarray:
        scores = self.each_batch(
            images, lambda batch: self._scores(batch, sizes), report, fill=False
        )
        whole = np.zeros((len(images), len(self._sizes), self._layers), dtype=np.float32)
        whole[:, [self._sizes.index(size) for size in sizes]] = scores
        return whole.reshape(len(images), -1)

    def compute_features(self, images: torch.Tensor) -> torch.Tensor:
        """The scores without the change that raises them, once for each size: what can be differentiated."""
        means = activations(self.classifier, images, channel_means)
        scores = [own.score(mean) for own, mean in zip(self._gaussians, means, strict=True)]
        return torch.stack(scores, dim=1).repeat(1, len(self._sizes))

    def _scores(self, batch: torch.Tensor, sizes: list[float]) -> torch.Tensor:
        """Scores (n, sizes, L) of a batch, each after the change that raises it.

        Where the images leave lanes free, a pass holds them several times, each time for another layer.
        """
        count, layers = len(batch), self._layers
        copies = min(layers, max(1, self.lanes // count))
        whole = filled(batch.repeat(copies, 1, 1, 1), self.lanes)
        pixels = whole.clone().requires_grad_()
        with torch.enable_grad():
            means = activations(self.classifier, pixels, channel_means)
            before = [own.score(mean) for own, mean in zip(self._gaussians, means, strict=True)]
        scores = batch.new_empty((count, len(sizes), layers), dtype=torch.float64)
        for first in range(0, layers, copies):
            rows = {
                layer: slice(place * count, (place + 1) * count)
                for place, layer in enumerate(range(first, min(first + copies, layers)))
            }
            last = max(rows)
            total = torch.cat([before[layer][own] for layer, own in rows.items()]).sum()
            (gradient,) = torch.autograd.grad(total, pixels, retain_graph=last + 1 < layers)
            # As in the published code, a pixel without gradient moves down.
            uphill = torch.where(gradient > 0, 1.0, -1.0)
            for number, size in enumerate(sizes):
                moved = whole + size * uphill
                means = activations(self.classifier, moved, channel_means, last)
                for layer, own in rows.items():
                    scores[:, number, layer] = self._gaussians[layer].score(means[layer])[own]
        return scores

    def arrange(self, features: np.ndarray) -> np.ndarray:
        """Features with the images shuffled anew for every layer, for the published variant."""
        if self.settings.variant == "corrected":
            return features
        seed = int(self.constants["seed"])
        scores = features.reshape(len(features), -1, self._layers)
        orders = [
            generator(seed, f"mahalanobis/{layer}").permutation(len(scores))
            for layer in range(self._layers)
        ]
        mixed = [scores[order, :, layer] for layer, order in enumerate(orders)]
        return np.stack(mixed, axis=2).reshape(len(features), -1)

    def columns(self, attack: str) -> slice:
        """The scores for the size that the settings give this attack."""
        begin = self._sizes.index(self._size(attack)) * self._layers
        return slice(begin, begin + self._layers)

    @property
    def forward_passes(self) -> int:
        """One, and one for each layer and size, of which each ends at its layer."""
        return 1 + self._layers * len(self._sizes)

    @property
    def backward_passes(self) -> int:
        """One for each layer, from there."""
        return self._layers

    def _size(self, attack: str) -> float:
        """The size of the input's change for an attack."""
        size: float = getattr(self.settings, attack if attack in OWN_SIZE else "others")
        return size

    @property
    def _sizes(self) -> list[float]:
        """The distinct sizes of the input's change."""
        return list(dict.fromkeys(self._size(attack) for attack in (*OWN_SIZE, "")))

    @property
    def _layers(self) -> int:
        return sum(name.startswith("factor/") for name in self.constants)

    @cached_property
    def _gaussians(self) -> list[Gaussian]:
        """The classes of every layer."""
        arrays = [
            [self.constants[f"{what}/{layer}"] for what in ("means", "factor")]
            for layer in range(self._layers)
        ]
        device = self.classifier.device
        pairs = [[torch.from_numpy(one).to(device).double() for one in pair] for pair in arrays]
        return [Gaussian(means @ factor, factor) for means, factor in pairs]


@dataclass(frozen=True)
class Gaussian:
    """Classes of one layer: `means` (K, r) whitened by `factor` (C, r), float64 on the device."""

    means: torch.Tensor
    factor: torch.Tensor

    def score(self, values: torch.Tensor) -> torch.Tensor:
        """-1/2 of the squared Mahalanobis distance (n,) from values (n, C) to the nearest class."""
        apart = (values.double() @ self.factor)[:, None] - self.means
        return -0.5 * apart.square().sum(2).amin(1)


def tied_gaussian(values: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Class means (K, C), and a factor (C, r) of the inverse of the covariance tied over classes.

    `values` (R, C), `labels` int64 (R,); all in float64. See the head of this file for the inverse.
    """
    from sklearn.covariance import ledoit_wolf

    values = values.astype(np.float64)
    classes, rows = np.unique(labels, return_inverse=True)
    means = np.stack([values[labels == label].mean(0) for label in classes])
    covariance, _ = ledoit_wolf(values - means[rows], assume_centered=True)
    variances, axes = np.linalg.eigh(covariance)
    there = variances > NO_VARIANCE * variances[-1]
    return means, axes[:, there] / np.sqrt(variances[there])
