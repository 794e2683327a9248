"""Checking: a network file looked through step by step, for whoever wants to see it happen. No torch."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from engine.classifiers.cards import card, digest, split_name
from engine.classifiers.finding import STEPS, Finding
from engine.errors import IsthmusError, ParameterError, WeightsError
from engine.words import size

if TYPE_CHECKING:
    from engine.classifiers.classifier import Classifier

MEASURED_S = 1.0
"""How long the speed is measured, at most one batch longer."""

BATCH = 16


def check_network(name: str, device: str | None = None) -> Iterator[Finding]:
    """Open the network "file:PATH.pt2" and find out whether it can be used here, one step at a time.

    Yields a finding for each of `STEPS` in order, as soon as it is known; after one that failed there are
    no more, and if none did, `load_classifier(name)` gives a classifier with just these doubts. Steps take
    from milliseconds to seconds. Only a process that may import torch can go beyond "file". ParameterError
    for another name, or where this machine's files may not be read.
    """
    if split_name(name)[0] != "file":
        raise ParameterError(f"Expected file:PATH.pt2, the name of a network's file, got {name}.")
    step = iter(STEPS)
    try:
        for finding in _findings(name, device):
            next(step)
            yield finding
    except ParameterError:
        raise
    except IsthmusError as error:
        yield Finding(next(step), str(error), failed=True)


def _findings(name: str, device: str | None) -> Iterator[Finding]:
    described = card(name)
    from engine.classifiers.trial import findings
    from engine.classifiers.zoo import build_network, finish

    network, chosen = build_network(name, described, device)
    weights = sum(tensor.nbytes for tensor in network.state_dict().values())
    yield Finding("file", f"An exported program with {size(weights)} of weights.")
    yield from findings(network, described, chosen, WeightsError)
    yield _speed(finish(described, network, chosen, digest(name), ()))


def _speed(classifier: Classifier) -> Finding:
    import torch

    images = torch.full((BATCH, *classifier.input_shape), 0.5)
    with torch.inference_mode():
        classifier(images)
        begin, done = time.perf_counter(), 0
        while (spent := time.perf_counter() - begin) < MEASURED_S or not done:
            classifier(images).cpu()
            done += BATCH
    return Finding(
        "speed",
        f"{1000 * spent / done:.3g} ms for a picture, {BATCH} at once, on {classifier.device}.",
    )
