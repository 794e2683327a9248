"""References are images that are correctly classified, each class's in order of increasing loss."""

from __future__ import annotations

from copy import deepcopy

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from engine.detectors.references import References
from engine.errors import DataError
from tests.detectors.small import SHAPE, Small, small_classifier
from tests.networks import random_images

IMAGES = random_images(80, SHAPE)


@pytest.fixture(scope="module")
def classifier():
    network = Small()
    with torch.no_grad():
        network.last.bias -= small_classifier(network=network)(IMAGES).mean(0)
    return small_classifier(network=network)


@pytest.fixture(scope="module")
def seen(classifier):
    """Logits in float64."""
    with torch.no_grad():
        return deepcopy(classifier.network).double()((IMAGES.double() - 0.5) / 0.25)


@pytest.fixture(scope="module")
def labels(seen):
    """What is seen, but for every fourth image."""
    return torch.where(torch.arange(80) % 4 == 0, (seen.argmax(1) + 1) % 3, seen.argmax(1))


def test_they_are_those_that_are_seen_as_labelled_by_label_and_loss(classifier, seen, labels):
    found = References.of(classifier, IMAGES, labels.numpy())
    right = np.flatnonzero(seen.argmax(1) == labels)
    loss = F.cross_entropy(seen, labels, reduction="none").numpy()
    order = sorted(right, key=lambda row: (int(labels[row]), loss[row]))
    assert len(order) == 60
    assert torch.equal(found.images, IMAGES[order])
    assert torch.equal(found.labels, labels[order])
    assert np.allclose(found.losses, loss[order], atol=1e-5)


def test_the_lowest_of_each_class_the_last_again_where_there_are_fewer():
    labels = torch.tensor([0, 0, 0, 1, 2, 2])
    found = References(torch.zeros(6, 1, 1, 1), labels, torch.arange(6.0))
    assert found.lowest(1).tolist() == [[0], [3], [4]]
    assert found.lowest(3).tolist() == [[0, 1, 2], [3, 3, 3], [4, 5, 5]]


def test_a_class_without_an_image_correctly_classified_is_named(classifier, labels):
    own = labels.clone()
    own[own == 1] = 2
    with pytest.raises(
        DataError, match=r"no image of 1 of 3 classes \(b\) is correctly classified by small"
    ):
        References.of(classifier, IMAGES, own.numpy())
