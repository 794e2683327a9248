"""References are images that are correctly classified, each class's in order of increasing loss."""

from __future__ import annotations

from copy import deepcopy

import numpy as np
import pytest
import torch
import torch.nn.functional as F

import engine
from engine.detectors.references import GOAL, Ends, References
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
    images = torch.arange(6.0).reshape(6, 1, 1, 1)
    found = References(images, torch.tensor([0, 0, 0, 1, 4, 4]), torch.arange(6.0))
    for count, places in ((1, [[0], [3], [4]]), (3, [[0, 1, 2], [3, 3, 3], [4, 5, 5]])):
        kept = found.lowest(count)
        assert kept["references"][..., 0, 0, 0].tolist() == places
        assert kept["classes"].tolist() == [0, 1, 4]


def test_a_class_without_a_picture_gets_an_image_that_is_surely_seen_as_it():
    """The same one whatever else is asked for, of 256 levels; pictures that there are stay what they are."""
    digits = engine.load_classifier("digits-vgg", "cpu")
    kept = {"references": np.zeros((1, 2, 1, 8, 8), np.float32), "classes": np.array([1])}
    with torch.inference_mode():
        ends = Ends(digits, kept).of(torch.tensor([2, 1, 0, 2]))
        assert ends.shape == (4, 2, 1, 8, 8)
        assert not ends[1].any()
        assert torch.equal(ends[0], ends[3])
        assert torch.equal(ends[0], Ends(digits, kept).of(torch.tensor([2]))[0])
        assert torch.equal((ends * 255).round() / 255, ends)
        seen = digits(ends[[0, 2], 0])
    loss = F.cross_entropy(seen, torch.tensor([2, 0]), reduction="none")
    assert loss.max() < 2 * GOAL


def test_images_of_a_class_may_come_from_elsewhere(classifier):
    nothing = References.none(classifier).lowest(1)
    own = np.full(SHAPE, 51, np.uint8)
    found = Ends(classifier, nothing, lambda label: own + label).of(torch.tensor([0, 2]))
    assert torch.allclose(found[:, 0, 0, 0, 0], torch.tensor([51, 53]) / 255)
