"""The clean images that detectors know: found, kept, and read again; and what they look like in numbers."""

from __future__ import annotations

import numpy as np
import torch

from engine.batches import batch_size
from engine.classifiers import load_classifier
from engine.classifiers.labels import labels_of
from engine.datasets import load_dataset
from engine.detectors.references import References, correctly_classified
from engine.experiments.base import Context, Findings
from engine.experiments.detection.known_images import Known
from engine.experiments.images.survey import chosen
from engine.images import to_pixels
from engine.progress import SILENT


def compute(spec: Known, context: Context) -> Findings:
    """Find the correctly classified ones, sorted by loss."""
    classifier = load_classifier(spec.classifier, context.device)
    data = load_dataset(spec.dataset, "train")
    index = chosen(len(data), spec.references)
    labels = labels_of(data, classifier.card)[index]
    index, labels = index[labels >= 0], labels[labels >= 0]
    pictures, damaged = spec.seen_set("train").readable(index)
    read = np.delete(np.arange(len(index)), list(damaged))
    index, labels, images = index[read], labels[read], torch.from_numpy(to_pixels(pictures[read]))
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


def references_of(spec: Known, context: Context) -> References:
    """The images themselves."""

    found = context.findings_of(spec, SILENT).arrays
    return References(
        torch.from_numpy(spec.pictures(found["index"], "train")),
        torch.from_numpy(found["label"]),
        torch.from_numpy(found["loss"]),
    )


LOOKS = ("brightness", "contrast", "roughness")
"""What an image looks like in numbers: mean, standard deviation, mean step between neighbouring pixels."""


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
