"""What a benchmark of detectors is computed from: clean images, attacked ones, and their features."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch

from engine.attacks.attacking import attack
from engine.batches import batch_size
from engine.classifiers import load_classifier
from engine.classifiers.classifier import Classifier
from engine.classifiers.labels import FOREIGN, labels_of
from engine.datasets import ImageSet, load_dataset
from engine.detectors import DETECTORS
from engine.detectors.altering import COPIES, KINDS, altered, altered_copies
from engine.detectors.base import Detector
from engine.detectors.references import References, correctly_classified, image_of_class
from engine.errors import DataError
from engine.experiments.base import Context, Findings
from engine.experiments.detection.computing.world import measure, world_of
from engine.experiments.detection.parts import (
    ATTACKED,
    AttackedShard,
    DetectorSpec,
    FeatureShard,
    Known,
    ReferenceImage,
    Study,
)
from engine.experiments.images.survey import chosen
from engine.images import to_bytes, to_pixels
from engine.progress import SILENT, Reporter
from engine.random import generator

ORDINARY = 400
"""Images of the part that is judged, which tell how far out ordinary ones are."""

FEWEST = 50
"""Known images that tell what clean ones look like; with fewer, half of the ordinary ones do."""


def known_images(spec: Known, context: Context) -> Findings:
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


def reference_image(spec: ReferenceImage, context: Context) -> Findings:
    """The image, uint8 (C, H, W), and its loss in nats."""
    image, loss = image_of_class(load_classifier(spec.classifier, context.device), spec.label)
    return Findings(arrays={"image": image}, summary={"loss": loss})


def reference_maker(classifier: str, context: Context) -> Callable[[int], np.ndarray]:
    """What makes such an image of a class, or finds it in the store."""

    def make(label: int) -> np.ndarray:
        found = context.findings_of(ReferenceImage(classifier, label), SILENT)
        return np.asarray(found.arrays["image"])

    return make


def attacked_shard(spec: AttackedShard, context: Context) -> Findings:
    """Attack the images of this part."""
    classifier = load_classifier(spec.classifier, context.device)
    index, labels = (
        array[spec.first : spec.first + spec.count] for array in spec.select_images(context)
    )
    if not len(index):
        raise DataError(
            f"{spec.classifier} classifies fewer than {spec.first + 1:,} images of the set correctly."
        )
    found = attack(
        spec.attack.method,
        classifier,
        spec.pictures(index),
        labels,
        seed=spec.seed,
        reproducible=True,
        settings=spec.attack.chosen,
        survive=spec.attack.survive,
        report=context.report,
    )
    return Findings(
        arrays={
            "index": index,
            "label": labels,
            "images": found.images.numpy(),
            "success": found.success.numpy(),
            "prediction": found.prediction.numpy(),
            "l2": found.l2.numpy(),
            "linf": found.linf.numpy(),
            "forward_passes": found.forward_passes.numpy(),
            "backward_passes": found.backward_passes.numpy(),
        },
        summary={"attacked": len(index), "successful": int(found.success.sum())},
    )


def detector_study(spec: Study, context: Context) -> Findings:
    """What the detector keeps of the clean images."""
    classifier = load_classifier(spec.classifier, context.device)
    detector = DETECTORS[spec.detector](classifier, spec.settings.of(spec.detector), {})
    known = references_of(spec.known(), context)
    return Findings(arrays=detector.study(known, spec.seed, context.report))


def detector_of(spec: Study, classifier: Classifier, context: Context) -> Detector:
    """The detector, not fitted."""
    constants = context.findings_of(spec, SILENT).arrays
    detector = DETECTORS[spec.detector](classifier, spec.settings.of(spec.detector), constants)
    detector.make_reference = reference_maker(spec.classifier, context)
    return detector


def feature_shard(spec: FeatureShard, context: Context, report: Reporter | None = None) -> Findings:
    """The features of this part's images, and what the classifier sees."""
    classifier = load_classifier(spec.classifier, context.device)
    images, company = (torch.from_numpy(part) for part in images_of(spec, context))
    if not len(images):  # fewer images are misclassified than not
        return Findings(arrays={"features": np.empty((0, 0)), "prediction": np.empty(0, int)})
    detector = detector_of(Study(**spec.given(DetectorSpec)), classifier, context)
    features = detector.features(images, company, report or context.report)
    with torch.inference_mode():
        prediction = detector.each_batch(images, lambda batch: classifier.forward(batch).argmax(1))
    return Findings(
        arrays={"features": features, "prediction": prediction.astype(np.int64)},
        summary={"images": len(features)},
    )


def images_of(spec: FeatureShard, context: Context) -> tuple[np.ndarray, np.ndarray]:
    """The images of this part and the clean ones of its minibatch, float32 (n, C, H, W)."""
    span = slice(spec.first, spec.first + spec.count)
    clean = spec.pictures(spec.select_images(context)[0][span])
    if spec.sample in ATTACKED:
        attacked = context.findings_of(spec.attacked_shard(), SILENT).arrays["images"]
        if spec.sample == "spoilt":
            draws = generator(spec.seed, f"{spec.sample}/{spec.attack.method}/{spec.first}")
            return altered_copies(attacked, draws, 1), clean
        return (rounded(attacked) if spec.sample == "rounded" else attacked), clean
    if spec.sample == "wrong":
        return spec.pictures(spec.select_images(context, correct=False)[0][span]), clean
    draws = generator(spec.seed, f"{spec.sample}/{spec.first}")
    if spec.sample == "altered":
        return altered_copies(clean, draws, COPIES), clean
    if spec.sample in KINDS:
        return altered(clean, *KINDS[spec.sample], draws), clean
    return clean, clean


def rounded(pixels: np.ndarray) -> np.ndarray:
    """Pixels as an 8-bit file keeps them, float32 (n, C, H, W)."""
    return to_pixels(to_bytes(pixels))
