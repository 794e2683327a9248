"""Digits, a network that knows them, and attacked ones: what every detector can learn from."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import engine
from engine.detectors.references import References
from engine.images import to_pixels


@pytest.fixture(scope="package")
def classifier():
    return engine.load_classifier("digits-vgg", "cpu")


@pytest.fixture(scope="package")
def references(classifier):
    return References.of(classifier, *digits("train", slice(0, 200)))


@pytest.fixture(scope="package")
def twins(classifier):
    """Clean digits and their attacked twins, of which all deceive the network."""
    images, labels = digits("test", slice(0, 120))
    result = engine.attack("bim", classifier, images, labels, eps=0.15)
    assert int(result.success.sum()) > 60
    return images[result.success], result.images[result.success]


def digits(split: str, which: slice) -> tuple[torch.Tensor, np.ndarray]:
    """Pixels (N, 1, 8, 8) and labels of some digits."""
    dataset = engine.load_dataset("digits", split)
    rows = np.arange(len(dataset))[which]
    return torch.from_numpy(to_pixels(dataset.batch(rows))), dataset.labels[rows]
