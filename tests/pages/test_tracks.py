"""Places along paths: the pictures of two paths at one place correspond."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from engine.experiments.pair.results import PairResult
from engine.plots.tracks import Track, straight_pictures


def test_a_bend_has_the_place_of_the_point_it_was_bent_from(pair: PairResult) -> None:
    assert np.allclose(pair.tracks[1].stations, [0, 0.4, 1], atol=1e-6)
    assert np.array_equal(pair.straight.stations, [0, 1])


def test_nodes_are_met_at_their_places(pair: PairResult) -> None:
    found = pair.tracks[1]
    assert np.allclose(found.pictures(found.stations), found.nodes, atol=1e-6)


def test_the_difference_is_one_pattern_scaled(pair: PairResult) -> None:
    """Vrabel et al. 2024, sec. 4.1: between A and B′ the paths differ by a multiple of B′ − B."""
    found = pair.tracks[1]
    at_bend, halfway = found.bends_at(np.array([0.4, 0.2]))
    assert np.allclose(halfway, at_bend / 2, atol=1e-6)
    places = np.linspace(0, 1, 7)
    straight = straight_pictures(found.nodes, places)
    assert np.allclose(found.pictures(places), straight + found.bends_at(places), atol=1e-6)


def test_a_curve_keeps_its_barrier_when_it_is_placed(pair: PairResult) -> None:
    found = pair.tracks[1]
    assert found.loss_at(found.places).max() == found.loss.max()
    assert pair.straight.prediction_at(np.array([0.4, 0.0])).tolist() == [1, 0]


@given(some.lists(some.floats(-2, 3), min_size=0, max_size=6), some.integers(0, 2**31))
def test_places_never_run_backwards(shares: list[float], seed: int) -> None:
    rng = np.random.default_rng(seed)
    first, last = rng.random((2, 1, 2, 2))
    inner = [first + share * (last - first) for share in shares]
    nodes = np.stack([first, *inner, last]).astype(np.float32)
    track = Track(1, nodes, np.linspace(0, 1, 9), np.zeros(9), np.zeros(9, int))
    assert track.stations[0] == 0
    assert track.stations[-1] == 1
    assert (np.diff(track.stations) >= 0).all()
    assert np.isfinite(track.pictures(np.linspace(0, 1, 5))).all()


def test_all_rounds_of_a_record_are_read(pair: PairResult) -> None:
    assert [track.name for track in pair.tracks] == ["Straight path", "After round 1"]
    heights = [curve.barrier().height for curve in pair.curves]
    assert heights == pytest.approx([4, 0.04])
