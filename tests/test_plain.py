"""The yardstick does what the paper says, and the finders agree with it."""

from __future__ import annotations

import pytest
import torch

from engine.detectors.detecting import make_detector
from engine.plain import (
    plain_bypass,
    plain_connect,
    plain_features,
    plain_losses,
    plain_plane,
    plain_synthesis,
)
from engine.planes import loss_plane
from tests.networks import random_images, reference_logits, tiny_classifier


def test_plain_losses_equal_float64():
    a, c = random_images(2)
    t = torch.linspace(0, 1, 11).double().reshape(-1, 1, 1, 1)
    logits = reference_logits((1 - t) * a.double() + t * c.double())
    expected = -torch.log_softmax(logits, 1)[:, 1]
    found = plain_losses(tiny_classifier(), a, c, 1, 11)
    assert torch.allclose(found.double(), expected, atol=1e-5)


def test_the_plain_bypass_keeps_its_hyperplane_and_lowers_the_loss():
    classifier = tiny_classifier()
    a, c = random_images(2)
    b = plain_bypass(classifier, a, c, 0.5, 1, 50)
    u = (c - a) / (c - a).norm()
    assert abs(float(((b - (a + c) / 2) * u).sum())) <= 1e-5 * float((c - a).norm())
    before, after = (
        -torch.log_softmax(classifier.forward(x[None]), 1)[0, 1] for x in ((a + c) / 2, b)
    )
    assert after < before


@pytest.mark.parametrize("rounds", [0, 1])
def test_a_plain_path_is_as_connected_as_its_points(rounds):
    classifier = tiny_classifier()
    a, c = random_images(2)
    path = plain_connect(classifier, a, c, 1, rounds=rounds, iterations=20, points=40)
    assert len(path.nodes) <= 2**rounds + 1
    highest = max(
        float(plain_losses(classifier, *pair, 1, 40).max())
        for pair in zip(path.nodes[:-1], path.nodes[1:], strict=True)
    )
    assert path.connected == (highest <= 0.05)


def test_a_plain_plane_is_the_engines():
    classifier = tiny_classifier()
    corners = random_images(3)
    ours = loss_plane(classifier, *corners, 1, 5)
    assert torch.allclose(
        plain_plane(classifier, *corners, 1, 5), torch.from_numpy(ours.loss), atol=1e-4
    )


def test_a_plainly_grown_image_is_of_its_class():
    classifier = tiny_classifier()
    image = plain_synthesis(classifier, 1, iterations=60)
    start = plain_synthesis(classifier, 1, iterations=0)
    before, after = (
        -torch.log_softmax(classifier.forward(x[None]), 1)[0, 1] for x in (start, image)
    )
    assert after < before
    assert float(image.min()) >= 0
    assert float(image.max()) <= 1


def test_plain_features_are_the_detectors():
    classifier = tiny_classifier()
    images = random_images(6)
    seen = classifier(images).argmax(1)
    detector = make_detector("mode-connectivity", classifier, (images, seen))
    ends = {label: detector.ends.of(torch.tensor([label]))[0, 0] for label in seen.tolist()}
    plainly = torch.stack(plain_features(classifier, images, ends, detector.settings.points))
    assert torch.allclose(plainly, torch.from_numpy(detector.features(images)).float(), atol=1e-4)
