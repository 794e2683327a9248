"""The yardstick does what the paper says, and the finders agree with it."""

from __future__ import annotations

import pytest
import torch

from engine.plain import plain_bypass, plain_connect, plain_losses
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
