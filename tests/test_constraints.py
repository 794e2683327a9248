"""Projections land where they must, and nowhere nearer is allowed."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from engine.constraints import Hyperplane
from engine.errors import ImageError
from tests.networks import random_images


def planes(seed: int, box: bool):
    a, c = random_images(4, seed=seed), random_images(4, seed=seed + 1)
    t = torch.tensor([0.1, 0.4, 0.5, 0.9]).reshape(-1, 1, 1, 1)
    return Hyperplane.across(a * (1 - t) + c * t, a, c, box=box), (c - a).flatten(1).norm(dim=1)


@given(st.integers(0, 10**6), st.booleans(), st.floats(0.01, 3))
def test_a_projection_is_in_the_hyperplane_to_1e_5(seed, box, size):
    plane, length = planes(seed, box)
    noise = size * torch.randn(plane.anchors.shape, generator=torch.Generator().manual_seed(seed))
    projected = plane.project(plane.anchors + noise)
    assert (plane.offset(projected).abs() <= 1e-5 * length).all()
    if box:
        assert projected.min() >= 0
        assert projected.max() <= 1


@given(st.integers(0, 10**6), st.booleans())
def test_a_projection_is_the_nearest_point(seed, box):
    """The residual makes an obtuse angle with the way to every other allowed point."""
    plane, _ = planes(seed, box)
    random = torch.Generator().manual_seed(seed)
    start = plane.anchors + 0.5 * torch.randn(plane.anchors.shape, generator=random)
    nearest = plane.project(start)
    for _ in range(5):
        other = plane.project(plane.anchors + torch.randn(start.shape, generator=random))
        angle = ((start - nearest) * (other - nearest)).flatten(1).sum(1)
        assert (angle <= 1e-3).all()


@pytest.mark.parametrize("box", [False, True])
def test_an_allowed_point_stays_where_it_is(box):
    plane, _ = planes(3, box)
    once = plane.project(plane.anchors)
    assert torch.allclose(once, plane.anchors, atol=1e-6)


def test_identical_ends_have_no_hyperplane():
    a = random_images(2)
    with pytest.raises(ImageError, match="identical"):
        Hyperplane.across(a, a, a)
