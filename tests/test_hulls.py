"""Hulls: even grids, blends that lie between their corners, losses as a reference computes them."""

from __future__ import annotations

from math import comb

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import ImageError, ParameterError
from engine.hulls import Hull, hull_losses, random_weights, simplex_grid
from engine.paths import Polyline, loss_curve
from tests.networks import random_images, reference_logits, tiny_classifier


@given(corners=st.integers(2, 5), steps=st.integers(1, 7))
def test_a_grid_holds_every_multiple_once(corners: int, steps: int) -> None:
    grid = simplex_grid(corners, steps)
    assert grid.shape == (comb(steps + corners - 1, corners - 1), corners)
    whole = grid * steps
    assert np.allclose(whole, whole.round())
    assert np.allclose(grid.sum(1), 1)
    assert (grid >= 0).all()
    assert len({tuple(row) for row in whole.round().astype(int)}) == len(grid)


def test_random_weights_fill_the_simplex_evenly_and_are_seeded() -> None:
    weights = random_weights(3, 4000, 0, "a")
    assert np.allclose(weights.sum(1), 1)
    assert weights.min() >= 0
    # Evenly: half of the triangle's area lies where the first weight is below 1 - sqrt(1/2).
    assert (weights[:, 0] < 1 - 0.5**0.5).mean() == pytest.approx(0.5, abs=0.03)
    assert np.array_equal(weights, random_weights(3, 4000, 0, "a"))
    assert not np.array_equal(weights, random_weights(3, 4000, 0, "b"))


def test_losses_are_those_of_the_blends_in_float64() -> None:
    classifier, corners = tiny_classifier(), random_images(4)
    weights = random_weights(4, 60, 1, "test")
    hull = hull_losses(classifier, corners, 2, weights)
    blends = torch.einsum("qm,mchw->qchw", torch.from_numpy(weights), corners.double())
    odds = torch.log_softmax(reference_logits(blends), 1)
    assert np.allclose(hull.loss, -odds[:, 2].numpy(), atol=1e-4)
    assert np.array_equal(hull.prediction, odds.argmax(1).numpy())


def test_an_edge_of_a_hull_is_a_straight_path() -> None:
    classifier, corners = tiny_classifier(), random_images(2)
    grid = simplex_grid(2, 20)[::-1]
    hull = hull_losses(classifier, corners, 1, grid)
    curve = loss_curve(classifier, Polyline(corners), 1, 21)
    assert np.allclose(grid[:, 1], curve.t)
    assert np.allclose(hull.loss, curve.loss, atol=1e-5)


def test_the_share_below_counts_the_limit_itself() -> None:
    loss = np.array([0.01, 0.05, 0.2, 0.5])
    assert Hull(np.eye(4), loss, np.zeros(4, int)).share_below(0.05) == 0.5


def test_wrong_shapes_are_refused_in_words() -> None:
    with pytest.raises(ImageError, match=r"\(Q, 3\) for 3 images"):
        hull_losses(tiny_classifier(), random_images(3), 0, np.ones((5, 2)) / 2)
    with pytest.raises(ParameterError, match="at least 2 corners"):
        simplex_grid(1, 4)
