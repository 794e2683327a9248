"""What detectors know as clean: correctly classified images of the training part, sorted by loss."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

import numpy as np

from engine.datasets import load_dataset
from engine.experiments.attacked_shard import BenchmarkSpec
from engine.experiments.base import Context, Findings
from engine.experiments.sets import fitting_set
from engine.experiments.survey import chosen
from engine.parameters import Parameter
from engine.progress import SILENT

if TYPE_CHECKING:
    from engine.detectors.references import References

LOOKS = ("brightness", "contrast", "roughness")
"""What an image looks like in numbers: mean, standard deviation, mean step between neighbouring pixels."""


@dataclass(frozen=True)
class KnownSpec(BenchmarkSpec):
    """A benchmark with the clean images that its detectors know."""

    references: Annotated[
        int,
        Parameter(
            "Training images, evenly spread over the set, that the detectors know as clean.",
            unit="images",
            low=10,
            high=10_000_000,
        ),
    ] = 2000

    def digests(self) -> dict[str, str]:
        train = fitting_set(self.classifier, self.dataset, "train")
        return {**super().digests(), "references": train.digest()}


@dataclass(frozen=True)
class Known(KnownSpec):
    """Those images: their places in the training part, labels, losses, logits and looks."""

    kind: ClassVar[str] = "known-images"
    title: ClassVar[str] = "Clean images that detectors know"
    revision: ClassVar[int] = 1

    def compute(self, context: Context) -> Findings:
        import torch

        from engine.batches import batch_size
        from engine.classifiers import load_classifier
        from engine.classifiers.labels import labels_of
        from engine.detectors.references import correctly_classified

        classifier = load_classifier(self.classifier, context.device)
        data = load_dataset(self.dataset, "train")
        index = chosen(len(data), self.references)
        labels = labels_of(data, classifier.card)[index]
        index, labels = index[labels >= 0], labels[labels >= 0]
        images = torch.from_numpy(self.pictures(index, "train"))
        rows, losses = correctly_classified(classifier, images, torch.from_numpy(labels))
        images = images[rows]
        size = batch_size(classifier.input_shape, classifier.device)
        with torch.inference_mode():
            logits = torch.cat([classifier(batch).cpu() for batch in images.split(size)])
        return Findings(
            arrays={
                "index": index[rows.numpy()],
                "label": labels[rows.numpy()],
                "loss": losses.numpy(),
                "logits": logits.numpy(),
                "looks": looks(images.numpy()),
            },
            summary={"given": len(index), "known": len(rows)},
        )

    def images(self, context: Context) -> References:
        """The images themselves."""
        import torch

        from engine.detectors.references import References

        found = context.findings_of(self, SILENT).arrays
        return References(
            torch.from_numpy(self.pictures(found["index"], "train")),
            torch.from_numpy(found["label"]),
            torch.from_numpy(found["loss"]),
        )


def looks(pixels: np.ndarray) -> np.ndarray:
    """Brightness, contrast and roughness (N, 3) of images (N, C, H, W), in units of the pixel range."""
    steps = [np.abs(np.diff(pixels, axis=axis)).mean((1, 2, 3)) for axis in (2, 3)]
    columns = (pixels.mean((1, 2, 3)), pixels.std((1, 2, 3)), np.mean(steps, axis=0))
    table: np.ndarray = np.stack(columns, axis=1)
    return table


def strangeness(pixels: np.ndarray, known: np.ndarray, share: float = 0.005) -> list[list[str]]:
    """In what each image (N, C, H, W) lies outside all but `share` of the known looks (M, 3).

    An attack makes an image rougher; that alone is no sign of another world.
    """
    low, high = np.quantile(known, [share, 1 - share], axis=0)
    high[LOOKS.index("roughness")] = np.inf
    return [
        [name for k, name in enumerate(LOOKS) if not low[k] <= own[k] <= high[k]]
        for own in looks(pixels)
    ]
