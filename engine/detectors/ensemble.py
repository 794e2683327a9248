"""Ours, with everything: short paths, and what the layers see.

Of every layer that LayerMFS looks at it takes the spectrum, but as mean log magnitudes by ring and over
channels: a dozen numbers a layer instead of tens of thousands, so that few images suffice to learn from.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from engine.detectors.layers import count_of
from engine.detectors.probing import rings
from engine.detectors.sharing import layers_of
from engine.detectors.short_paths import ShortPaths
from engine.detectors.spectra import chosen_layers
from engine.lazy import torch
from engine.parameters import Parameters
from engine.progress import Reporter

if TYPE_CHECKING:
    from engine.detectors.base import Arrays
    from engine.detectors.references import References


@dataclass(frozen=True)
class EnsembleSettings(Parameters):
    """Ours: short paths, spectra and layers together."""


class Ensemble(ShortPaths):
    """The features of `ShortPaths`, then those of each chosen layer; a model for each attack."""

    name = "ensemble"
    title = "Ensemble"
    place = 80
    settings_class: ClassVar[type[Parameters]] = EnsembleSettings
    pools = False
    begins_with = "short-paths"
    looks_at_layers = True
    authority = 2
    sight = "it looks at paths, spectrum and layers together"

    def study(self, references: References, seed: int, report: Reporter) -> Arrays:
        """What `ShortPaths` keeps, and `layers` (L,), the numbers of the layers."""
        count = count_of(self.classifier)
        layers = chosen_layers(count, "alternate")
        return {**super().study(references, seed, report), "layers": layers}

    def named_features(
        self, images: torch.Tensor, logits: torch.Tensor, seen: dict[str, torch.Tensor]
    ) -> dict[str, torch.Tensor]:
        """Those of `ShortPaths`, and a summary of each chosen layer."""
        layers = self.constants["layers"].tolist()
        outputs = layers_of(self.classifier, images, _summary, last=max(layers))
        own = {f"layer {layer + 1}": outputs[layer] for layer in layers}
        return {**super().named_features(images, logits, seen), **own}

    @property
    def forward_passes(self) -> int:
        return super().forward_passes + 1


def _summary(output: torch.Tensor) -> torch.Tensor:
    """A layer's output (n, C, ...) in numbers (n, S): share of channels at work, size, spectrum by ring."""
    maps = output if output.ndim == 4 else output.reshape(len(output), -1, 1, 1)
    strength = maps.mean((2, 3))
    columns = [
        strength.mean(1, keepdim=True),
        strength.std(1, keepdim=True),
        (maps > 0).float().mean((1, 2, 3))[:, None],
    ]
    return torch.cat([*columns, rings(maps).unflatten(1, (-1, maps.shape[1])).mean(2)], dim=1)
