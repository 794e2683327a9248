"""The outlines are distances: of slope one, negative inside, and within the unit circle."""

from __future__ import annotations

import numpy as np
import pytest

from engine.datasets.outlines import OUTLINES, Outline

GRID = np.linspace(-1.5, 1.5, 601, dtype=np.float32)
X, Y = (plane[None] for plane in np.meshgrid(GRID, GRID))


@pytest.fixture(params=list(OUTLINES))
def outline(request: pytest.FixtureRequest) -> Outline:
    return OUTLINES[request.param]


@pytest.fixture(params=[0.0, 0.5, 1.0])
def distance(outline: Outline, request: pytest.FixtureRequest) -> np.ndarray:
    return outline(X, Y, np.full((1, 1, 1), request.param, dtype=np.float32))[0]


def test_there_are_ten_classes() -> None:
    assert len(OUTLINES) == 10


def test_every_figure_fits_the_unit_circle_and_fills_some_of_it(distance: np.ndarray) -> None:
    inside = distance < 0
    assert distance.dtype == np.float32
    assert (X * X + Y * Y)[0][inside].max() <= 1
    assert 0.9 < inside.mean() * 9 < 2.7


def test_the_distance_changes_by_at_most_the_step(distance: np.ndarray) -> None:
    step = GRID[1] - GRID[0]
    for axis in (0, 1):
        assert np.abs(np.diff(distance, axis=axis)).max() <= 1.001 * step


def test_the_slope_is_one_at_the_edge(distance: np.ndarray) -> None:
    """So that a pixel at the edge is covered in proportion to its distance from it."""
    slope = np.hypot(*np.gradient(distance, GRID, GRID))
    assert np.median(np.abs(slope[np.abs(distance) < 0.02] - 1)) < 0.01


def test_the_form_changes_the_figure(outline: Outline) -> None:
    slim, full = (outline(X, Y, np.full((1, 1, 1), form, np.float32)) < 0 for form in (0.0, 1.0))
    assert (slim != full).mean() > 0.002
