"""Directions, waves and lattices are what they stand for, without a sine among them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.datasets.textures import (
    BLOTCH_NODES,
    GRAIN_NODES,
    KINDS,
    Canvas,
    direction,
    lattice,
    texture,
    wave,
)


def test_directions_lie_on_the_unit_circle_and_go_once_round() -> None:
    cosine, sine = direction(np.linspace(0, 1, 1000, endpoint=False))
    np.testing.assert_allclose(cosine**2 + sine**2, 1, atol=1e-6)
    turns = np.unwrap(np.arctan2(sine, cosine))
    assert (np.diff(turns) > 0).all()
    assert turns[-1] - turns[0] == pytest.approx(2 * np.pi * 0.999, rel=2e-3)


def test_directions_are_nearly_even() -> None:
    cosine, sine = direction(np.linspace(0, 1, 40_000, endpoint=False))
    counts, _ = np.histogram(np.arctan2(sine, cosine), bins=40, range=(-np.pi, np.pi))
    assert np.abs(counts / 1000 - 1).max() < 0.12


@given(st.floats(-50, 50))
def test_the_wave_has_period_one_and_stays_within_one(phase: float) -> None:
    there, later = wave(np.array([phase, phase + 1.0]))
    assert -1 <= there <= 1
    assert there == pytest.approx(later, abs=1e-9)


def test_the_wave_is_nearly_a_sine() -> None:
    phase = np.linspace(0, 1, 500)
    assert np.abs(wave(phase) + np.sin(2 * np.pi * phase)).max() < 0.06


def test_a_lattice_passes_through_its_nodes_and_stays_between_them() -> None:
    draws = np.random.default_rng(0).random((3, 64))
    # With (2 k + 1) * 7 pixels over 7 cells, every pixel in the middle of a cell is known.
    field = lattice(draws, 49)
    nodes = draws.reshape(3, 8, 8)
    middles = (nodes[:, :-1, :-1] + nodes[:, 1:, :-1] + nodes[:, :-1, 1:] + nodes[:, 1:, 1:]) / 4
    np.testing.assert_allclose(field[:, 3::7, 3::7], middles, atol=1e-6)
    assert field.dtype == np.float32
    assert draws.min() <= field.min() <= field.max() <= draws.max()


def test_a_lattice_is_the_same_field_at_every_resolution() -> None:
    draws = np.random.default_rng(1).random((2, 64))
    coarse, fine = lattice(draws, 40), lattice(draws, 120)
    np.testing.assert_allclose(fine[:, 1::3, 1::3], coarse, atol=1e-6)


@pytest.mark.parametrize("kind", range(len(KINDS)))
def test_every_texture_varies_within_one(kind: int) -> None:
    random = np.random.default_rng(kind)
    canvas = Canvas.of(
        random.random((20, BLOTCH_NODES**2)), random.random((20, GRAIN_NODES**2)), 48
    )
    draws = random.random((20, 5))
    draws[:, 0] = (kind + 0.5) / len(KINDS)
    field = texture(draws, canvas)
    assert field.shape == (20, 48, 48)
    assert -1 <= field.min() <= field.max() <= 1
    assert (field.std(axis=(1, 2)) > 0.1).all()


def test_a_texture_does_not_depend_on_its_neighbours() -> None:
    random = np.random.default_rng(9)
    blotches, grain = random.random((12, BLOTCH_NODES**2)), random.random((12, GRAIN_NODES**2))
    draws = random.random((12, 5))
    together = texture(draws, Canvas.of(blotches, grain, 16))
    for k in range(12):
        alone = texture(draws[k : k + 1], Canvas.of(blotches[k : k + 1], grain[k : k + 1], 16))
        np.testing.assert_array_equal(alone[0], together[k])
