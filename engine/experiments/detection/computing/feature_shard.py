"""Features of some images, and the images themselves."""

from __future__ import annotations

import numpy as np
import torch

from engine.classifiers import load_classifier
from engine.detectors.altering import KINDS, altered, altered_copies
from engine.experiments.base import Context, Findings
from engine.experiments.detection.computing.detector_study import detector_of
from engine.experiments.detection.parts import ATTACKED, DetectorSpec, FeatureShard, Study
from engine.images import to_bytes, to_pixels
from engine.progress import SILENT, Reporter
from engine.random import generator


def compute(spec: FeatureShard, context: Context) -> Findings:
    """The features of this part's images."""
    return measure(spec, context, context.report)


def measure(spec: FeatureShard, context: Context, report: Reporter) -> Findings:
    """The features, and what the classifier sees."""

    classifier = load_classifier(spec.classifier, context.device)
    images, company = (torch.from_numpy(part) for part in images_of(spec, context))
    if not len(images):  # fewer images are misclassified than not
        return Findings(arrays={"features": np.empty((0, 0)), "prediction": np.empty(0, int)})
    detector = detector_of(Study(**spec.given(DetectorSpec)), classifier, context)
    features = detector.features(images, company, report)
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
            return altered_copies(attacked, draws, copies=1), clean
        return (rounded(attacked) if spec.sample == "rounded" else attacked), clean
    if spec.sample == "wrong":
        return spec.pictures(spec.select_images(context, correct=False)[0][span]), clean
    draws = generator(spec.seed, f"{spec.sample}/{spec.first}")
    if spec.sample == "altered":
        return altered_copies(clean, draws), clean
    if spec.sample in KINDS:
        return altered(clean, *KINDS[spec.sample], draws), clean
    return clean, clean


def rounded(pixels: np.ndarray) -> np.ndarray:
    """Pixels as an 8-bit file keeps them, float32 (n, C, H, W)."""

    return to_pixels(to_bytes(pixels))
