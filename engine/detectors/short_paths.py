"""Ours: few points on many short paths instead of many points on one long path.

From the image a little way to its smoothed, shifted, mirrored and noisy selves, and to references of its
predicted class and of the second likeliest: 16 forward passes in all, no feature maps, one model for all
attacks. Beside the logits there it looks at the image's own spectrum and residual, which cost no pass.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from engine.detectors.base import Arrays, Detector
from engine.detectors.probing import STEPS, appearance
from engine.detectors.sharing import logits_of
from engine.lazy import torch
from engine.parameters import Parameters
from engine.progress import SILENT, Reporter
from engine.random import generator

if TYPE_CHECKING:
    from engine.detectors.computing.models import Model
    from engine.detectors.references import References

WAYS: tuple[tuple[int, float], ...] = ((0, 0.05), (0, 0.1), (0, 0.3), (1, 0.1))
"""Points on paths to references: of the predicted class (0) or the second likeliest (1), and how far."""

ENDS = ("its class", "the second class")

PATH = "path: "
"""Begins the name of a group of features that tells what becomes of the logits at a point."""

TOP = 10
"""Logits of the image that are looked at, the largest first."""

COMPARED = 3
"""Likeliest classes whose logits are followed along the paths."""


@dataclass(frozen=True)
class ShortPathsSettings(Parameters):
    """Ours: logits at few points of short paths; at most 16 forward passes an image."""


class ShortPaths(Detector):
    """Features: logits of the image, what becomes of them at each point, what the image looks like."""

    name = "short-paths"
    title = "Short paths"
    place = 70
    settings_class: ClassVar[type[Parameters]] = ShortPathsSettings
    pools = True
    learns_altered = True
    authority = 1
    sight = "it looks at paths and spectrum together"

    def study(self, references: References, seed: int, report: Reporter) -> Arrays:
        """A reference of each class, that of the lowest loss, and a fixed noise."""
        draws = generator(seed, "short-paths")
        kept = references.lowest(1)
        return {
            **kept,
            "references": kept["references"][:, 0],
            "noise": draws.standard_normal((2, *self.classifier.input_shape)).astype(np.float32),
        }

    def features(
        self, images: torch.Tensor, company: torch.Tensor | None = None, report: Reporter = SILENT
    ) -> np.ndarray:
        return self.told(images, self.responses(images, report))

    def compute_features(self, images: torch.Tensor) -> torch.Tensor:
        logits = self.classifier.forward(images)
        points = self.points(images, logits.argsort(dim=1, descending=True))
        seen = {name: self.classifier.forward(point) for name, point in points.items()}
        return torch.cat([*self.named_features(images, logits, seen).values()], dim=1)

    def named_features(
        self, images: torch.Tensor, logits: torch.Tensor, seen: dict[str, torch.Tensor]
    ) -> dict[str, torch.Tensor]:
        """The features by what they tell, each (n, F): from logits (n, K) of images and of points."""
        order = logits.argsort(dim=1, descending=True)
        changes = {
            f"{PATH}{name}": torch.cat(_changes(logits, own, order), dim=1)
            for name, own in seen.items()
        }
        return {"logits": torch.cat(_own(logits, order), dim=1), **appearance(images), **changes}

    def responses(self, images: torch.Tensor, report: Reporter = SILENT) -> dict[str, torch.Tensor]:
        """Logits (N, K) of images (N, C, H, W), under "", and of the points of their short paths, by name.

        The points of an image fill passes together, so that one image costs hardly more than its points.
        """
        found: dict[str, list[torch.Tensor]] = {}
        with torch.inference_mode():
            for begin in range(0, len(images), self.lanes):
                report(begin, len(images))
                own = images[begin : begin + self.lanes].to(self.classifier.device)
                logits = logits_of(self.classifier, own)
                points = self.points(own, logits.argsort(dim=1, descending=True))
                seen = logits_of(self.classifier, torch.cat([*points.values()])).split(len(own))
                for name, part in zip(("", *points), (logits, *seen), strict=True):
                    found.setdefault(name, []).append(part)
        report(len(images), len(images))
        return {name: torch.cat(parts) for name, parts in found.items()}

    def told(self, images: torch.Tensor, responses: dict[str, torch.Tensor]) -> np.ndarray:
        """The features float32 (N, F) of images with these `responses`."""
        parts = []
        with torch.inference_mode():
            for begin in range(0, len(images), self.lanes):
                rows = slice(begin, begin + self.lanes)
                logits, *seen = (own[rows] for own in responses.values())
                named = self.named_features(
                    images[rows].to(self.classifier.device),
                    logits,
                    dict(zip([*responses][1:], seen, strict=True)),
                )
                parts.append(torch.cat([*named.values()], dim=1).cpu())
        return torch.cat(parts).numpy()

    def points(self, images: torch.Tensor, order: torch.Tensor) -> dict[str, torch.Tensor]:
        """The points of the short paths by name, (n, C, H, W) each; classes (n, K) by their logits."""
        noise = torch.from_numpy(self.constants["noise"]).to(images.device)
        points = {name: step(images, noise).clamp(0, 1) for name, step in STEPS.items()}
        ends = [self.ends.of(order[:, rank])[:, 0] for rank in range(len(ENDS))]
        for rank, distance in WAYS:
            point = torch.lerp(images, ends[rank], distance)
            points[f"{distance:.0%} of the way to {ENDS[rank]}"] = point
        return points

    @cached_property
    def groups(self) -> dict[str, slice]:
        with torch.no_grad():
            grey = self.classifier.grey
            logits = self.classifier.forward(grey)
            names = self.points(grey, logits.argsort(dim=1, descending=True))
            named = self.named_features(grey, logits, dict.fromkeys(names, logits))
        ends = np.cumsum([0, *(part.shape[1] for part in named.values())]).tolist()
        return {name: slice(*span) for name, span in zip(named, pairwise(ends), strict=True)}

    @property
    def aspects(self) -> dict[str, slice]:
        """The groups by what is looked at: logits, the image's look, paths, and layers, if any."""
        kinds = [_aspect(name) for name in self.groups]
        spans = list(self.groups.values())
        last = {kind: span.stop for kind, span in zip(kinds, spans, strict=True)}
        first = {kinds[k]: spans[k].start for k in reversed(range(len(kinds)))}
        return {kind: slice(first[kind], stop) for kind, stop in last.items()}

    def new_model(self) -> Model:
        from engine.detectors.computing.models import Scaled

        return Scaled()

    @property
    def forward_passes(self) -> int:
        return 1 + len(STEPS) + len(WAYS)


def _aspect(group: str) -> str:
    word = group.partition(" ")[0]
    return {"logits": "logits", PATH.strip(): "paths", "layer": "layers"}.get(word, "look")


def _own(logits: torch.Tensor, order: torch.Tensor) -> list[torch.Tensor]:
    """The image's own logits in descending order, the lead of the first, its log-probability."""
    ordered = logits.gather(1, order)
    sure = logits.log_softmax(1).amax(1, keepdim=True)
    return [ordered[:, :TOP], ordered[:, :1] - ordered[:, 1:3], sure]


def _changes(before: torch.Tensor, after: torch.Tensor, order: torch.Tensor) -> list[torch.Tensor]:
    """What becomes of the logits (n, K) at a point, classes in the image's own order."""
    was, now = before.gather(1, order), after.gather(1, order)
    change = now - was
    return [
        now.log_softmax(1)[:, :1],
        now[:, :1] - now[:, 1:].amax(1, keepdim=True),
        change[:, :COMPARED],
        change.std(1, keepdim=True),
        now.amax(1, keepdim=True),
    ]
