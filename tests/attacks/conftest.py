"""A tiny classifier, images for it, and labels of which two are wrong."""

from __future__ import annotations

import pytest
import torch

from tests.networks import random_images, tiny_classifier

WRONG = torch.tensor([3, 11])
"""Images that are given a label which the classifier does not see."""


@pytest.fixture(scope="module")
def classifier():
    return tiny_classifier()


@pytest.fixture(scope="module")
def images():
    return random_images(20)


@pytest.fixture(scope="module")
def labels(classifier, images):
    labels = classifier(images).argmax(1)
    labels[WRONG] = (labels[WRONG] + 1) % 4
    return labels
