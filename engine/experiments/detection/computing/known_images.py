"""The clean images that detectors know: found, kept, and read again; and how far out others may be."""

from __future__ import annotations

import numpy as np
import torch

from engine.batches import batch_size
from engine.classifiers import load_classifier
from engine.classifiers.labels import FOREIGN, labels_of
from engine.datasets import ImageSet, load_dataset
from engine.detectors.references import References, correctly_classified
from engine.experiments.base import Context, Findings
from engine.experiments.detection.computing.world import measure, world_of
from engine.experiments.detection.parts import Known
from engine.experiments.images.survey import chosen
from engine.images import to_pixels
from engine.progress import SILENT

ORDINARY = 400
"""Images of the part that is judged, which tell how far out ordinary ones are."""

FEWEST = 50
"""Known images that tell what clean ones look like; with fewer, half of the ordinary ones do."""


def compute(spec: Known, context: Context) -> Findings:
    """Find the correctly classified ones, sorted by loss."""
    classifier = load_classifier(spec.classifier, context.device)
    data = load_dataset(spec.dataset, spec.known_split)
    index = chosen(len(data), spec.references)[: spec.references]
    labels = labels_of(data, classifier.card)[index]
    index, labels = index[labels >= 0], labels[labels >= 0]
    images, read = _readable(spec.seen_set(spec.known_split), index)
    index, labels = index[read], labels[read]
    rows, losses = correctly_classified(classifier, images, torch.from_numpy(labels))
    images = images[rows]
    size = batch_size(classifier.input_shape, classifier.device)
    with torch.inference_mode():
        seen = [classifier(batch).cpu() for batch in images.split(size) if len(batch)]
        logits = torch.cat([torch.empty(0, len(classifier.classes)), *seen])
    # Of the part that is judged, for a network is surer of what it was trained with.
    judged, labels_there = spec.labelled()
    fitting = np.flatnonzero(labels_there != FOREIGN)
    ordinary, _ = _readable(judged, fitting[chosen(len(fitting), ORDINARY)])
    if len(images) < FEWEST:
        images, ordinary = ordinary[::2], ordinary[1::2]
    world = world_of(images)
    usual = measure(classifier, ordinary, world)
    return Findings(
        arrays={
            "index": index[rows.numpy()],
            "label": labels[rows.numpy()],
            "loss": losses.numpy(),
            "logits": logits.numpy(),
            **{f"world/{name}": array for name, array in world.items()},
            **{f"usual/{name}": array for name, array in usual.items()},
        },
        summary={"given": len(index), "known": len(rows)},
    )


def _readable(data: ImageSet, index: np.ndarray) -> tuple[torch.Tensor, np.ndarray]:
    """Pixels (n, C, H, W) of those of a set's images that can be read, and their places in `index`."""
    pictures, damaged = data.readable(index)
    read = np.delete(np.arange(len(index)), list(damaged))
    return torch.from_numpy(to_pixels(pictures[read])), read


def references_of(spec: Known, context: Context) -> References:
    """The images themselves."""

    found = context.findings_of(spec, SILENT).arrays
    return References(
        torch.from_numpy(spec.pictures(found["index"], spec.known_split)),
        torch.from_numpy(found["label"]),
        torch.from_numpy(found["loss"]),
    )
