"""A forecast computed: a few passes timed on each device that is here."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import torch

from engine.attacks import ATTACKS, distinct
from engine.batches import lanes
from engine.classifiers import load_classifier
from engine.classifiers.classifier import Classifier
from engine.experiments.base import Context, Findings
from engine.experiments.population.drawing import KEPT, SPARE
from engine.experiments.population.spec import Forecast
from engine.progress import part

JOINING = (600, 30)
"""Forward passes and gradients that joining a pair takes, about, its verification included."""

TURNS = 2
"""Measurements of each kind; the faster one counts, for whatever else runs only slows down."""


def _seconds_an_image(classifier: Classifier) -> tuple[float, float]:
    """Seconds of a forward pass and of one with its gradient, for one image among full lanes."""
    size = lanes(classifier.input_shape, classifier.device)
    images = torch.full((size, *classifier.input_shape), 0.5, device=classifier.device)

    def forward() -> None:
        with torch.inference_mode():
            classifier.forward(images)

    def gradient() -> None:
        pixels = images.clone().requires_grad_(True)
        torch.autograd.grad(classifier.forward(pixels).logsumexp(1).sum(), pixels)

    # The first time is longer than any other.
    seconds = [
        [_time(work, classifier.device) for work in (forward, gradient)] for _ in range(TURNS + 1)
    ]
    quickest = [min(times) / size for times in zip(*seconds[1:], strict=True)]
    return quickest[0], quickest[1]


def _time(work: Callable[[], None], device: torch.device) -> float:
    began = time.perf_counter()
    work()
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    return time.perf_counter() - began


def _device_name(classifier: Classifier) -> str:
    if classifier.device.type == "cuda":
        return torch.cuda.get_device_name(classifier.device)
    threads = torch.get_num_threads()
    return f"CPU, {threads} thread{'s' if threads != 1 else ''}"


def compute(spec: Forecast, context: Context) -> Findings:
    """Seconds a pair and in all, on each device."""
    devices = ["cpu", "cuda"] if torch.cuda.is_available() else ["cpu"]
    summary = {}
    for k, device in enumerate(devices):
        stage = part(context.report, k / len(devices), (k + 1) / len(devices), "Timing")
        stage(0, 1)
        classifier = load_classifier(spec.classifier, device)
        summary[device] = _measure(spec, classifier)
    return Findings(summary={"devices": summary, "pairs": spec.pairs})


def _measure(spec: Forecast, classifier: Classifier) -> dict[str, Any]:
    """Seconds a pair of each branch, and for the whole population on one such device."""
    forward, gradient = _seconds_an_image(classifier)
    drawn = (KEPT + SPARE) / KEPT
    real = (2 * drawn + spec.points) * forward
    if spec.connect.rounds:
        real += JOINING[0] * forward + JOINING[1] * gradient
    methods = distinct() if spec.every_attack else (spec.attack.method,)
    attacks = {method: ATTACKS[method](spec.attack.of(method)) for method in methods}
    adversarial = {
        method: real + drawn * attack.gradients() * gradient for method, attack in attacks.items()
    }
    return {
        "name": _device_name(classifier),
        "real_s": real,
        "adversarial_s": adversarial,
        "total_s": spec.pairs * (real + sum(adversarial.values())),
    }
