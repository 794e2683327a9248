"""A plane holds its three images, keeps their distances, and its losses are those of its images."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from engine.errors import ImageError
from engine.planes import loss_plane
from tests.networks import random_images, reference_logits, tiny_classifier


def test_the_three_images_lie_in_the_plane_at_their_true_distances():
    images = random_images(3)
    plane = loss_plane(tiny_classifier(), *images, target=1, resolution=5)
    spots, offset = plane.coordinates(images)
    assert np.allclose(offset, 0, atol=1e-5)
    assert np.allclose(spots[0], 0, atol=1e-6)
    assert spots[2, 1] == pytest.approx(0, abs=1e-5)
    for i, j in ((0, 1), (1, 2), (0, 2)):
        distance = (images[i] - images[j]).norm().item()
        assert np.linalg.norm(spots[i] - spots[j]) == pytest.approx(distance, rel=1e-5)
    assert plane.x.min() < spots[:, 0].min()
    assert plane.y.max() > spots[:, 1].max()


def test_grid_losses_equal_brute_force_in_float64():
    plane = loss_plane(tiny_classifier(), *random_images(3), target=1, resolution=7)
    for j, y in enumerate(plane.y):
        for i, x in enumerate(plane.x):
            image = plane.origin.double() + x * plane.axes[0].double() + y * plane.axes[1].double()
            logits = reference_logits(image[None])
            loss = F.cross_entropy(logits, torch.tensor([1])).item()
            assert plane.loss[j, i] == pytest.approx(loss, rel=1e-4, abs=1e-5)
            assert plane.prediction[j, i] == logits.argmax().item()


def test_images_on_one_line_span_no_plane():
    a, c = random_images(2)
    with pytest.raises(ImageError, match="one straight line"):
        loss_plane(tiny_classifier(), a, (a + c) / 2, c, target=0)
    with pytest.raises(ImageError, match="identical"):
        loss_plane(tiny_classifier(), a, c, a, target=0)
