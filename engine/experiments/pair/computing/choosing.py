"""The two images of a pair: as a spec names them, or by their low loss, checked to be of one class."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from engine.classifiers.classifier import Classifier
from engine.classifiers.labels import class_index, spec_names
from engine.errors import DataError, ImageError
from engine.experiments.base import Context
from engine.experiments.images.references import PairSpec, lowest_of, pixels_of
from engine.experiments.images.survey import Survey
from engine.progress import Reporter
from engine.words import share


@dataclass(frozen=True)
class Pair:
    """Two images (2, C, H, W) that the classifier gives class `target`, with their losses (2,).

    Or the first alone, where there is none to compare it with.
    """

    images: torch.Tensor
    target: int
    losses: np.ndarray
    sources: tuple[str, ...]

    @property
    def alone(self) -> bool:
        return len(self.sources) == 1

    def about(self, classes: tuple[str, ...]) -> dict[str, Any]:
        """The pair as a record's summary tells it."""
        first, *others = (
            {"source": source, "loss": float(loss), "probability": float(np.exp(-loss))}
            for source, loss in zip(self.sources, self.losses, strict=True)
        )
        return {
            "target": self.target,
            "target_name": classes[self.target],
            "classes": list(classes),
            "first": first,
            "second": others[0] if others else None,
        }


def choose_pair(
    spec: PairSpec,
    classifier: Classifier,
    context: Context,
    report: Reporter,
    wanted: int | None = None,
    *,
    compared: bool = False,
) -> Pair:
    """The two images that a spec names, checked to be of one predicted class.

    `wanted` is the number of that class; without it the spec's own label says which. ImageError where
    the classifier sees two classes, or another one than is wanted. Where the second is for comparison
    only (`compared`), is open, and the class has no other image, the first comes alone.
    """
    if wanted is None and spec.label:
        wanted = class_index(spec.label, classifier.classes)
    references = [spec.first, spec.second]

    def look(reference: str) -> np.ndarray:
        return pixels_of(spec, reference, classifier, context)

    named = next((r for r in references if r), None)
    if "" in references and named and wanted is None:
        wanted = int(classifier(look(named)).argmax())

    def filled(references: list[str]) -> list[str]:
        if "" not in references:
            return references
        label = "" if wanted is None else spec_names(classifier.classes)[wanted]
        survey = Survey(spec.classifier, spec.dataset, spec.split, label=label)
        found = context.findings_of(survey, report).arrays
        target = int(found["prediction"].min()) if wanted is None else wanted
        return lowest_of(found, target, references, classifier.classes[target], look)

    try:
        references = filled(references)
    except (DataError, ImageError):
        if not compared or spec.second:
            raise
        references = filled(references[:1])
    pixels = np.concatenate([look(reference) for reference in references])
    return _judged(classifier, pixels, wanted, tuple(references))


def _judged(
    classifier: Classifier, pixels: np.ndarray, wanted: int | None, sources: tuple[str, ...]
) -> Pair:
    import torch

    images = torch.from_numpy(pixels)
    with torch.inference_mode():
        odds = torch.log_softmax(classifier(images).float(), dim=1).cpu()
    seen = odds.argmax(1).tolist()
    words = [
        f"{classifier.classes[k]!r} ({share(float(odds[i, k].exp()))})" for i, k in enumerate(seen)
    ]
    if len(set(seen)) > 1:
        raise ImageError(
            f"{classifier.name} sees the first image as {words[0]} and the second as {words[1]}. "
            "A path of low loss joins images of one class: choose two that it gives the same label."
        )
    if wanted is not None and seen[0] != wanted:
        raise ImageError(
            f"{classifier.name} sees {'both images' if len(seen) > 1 else 'the image'} as {words[0]}, not as "
            f"{classifier.classes[wanted]!r}. Choose that class or other images."
        )
    return Pair(images, seen[0], odds[:, seen[0]].abs().numpy(), sources)
