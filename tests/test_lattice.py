"""Percolation against lattices counted by hand, brute force in float64, and published thresholds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage
from scipy.optimize import brentq

from engine.errors import ParameterError
from engine.lattice.mean_field import (
    mean_field,
    mean_field_threshold,
    series_threshold,
)
from engine.lattice.sites import clusters, draw_levels, join, spans
from engine.lattice.thresholds import (
    LITERATURE,
    invasion_threshold,
    spanning_level,
    spanning_threshold,
    threshold,
)

BY_HAND = np.array(
    [
        [1, 0, 0, 1],
        [1, 1, 0, 0],
        [0, 1, 0, 1],
        [0, 1, 0, 1],
    ],
    dtype=bool,
)
"""Clusters of 5 (it spans), 1 and 2 sites, of 8 occupied ones."""


def test_a_small_lattice_is_as_counted_by_hand():
    found = clusters(BY_HAND)
    assert sorted(size for size in found.sizes if size) == [1, 2, 5]
    assert found.occupied == 8
    assert found.largest_share == found.spanning_share == 5 / 8
    assert found.spanning == found.labels[0, 0] == found.labels[3, 1]
    assert found.labels[0, 0] != found.labels[2, 3]
    assert spans(BY_HAND)
    assert not spans(BY_HAND.T)


def test_a_periodic_axis_joins_its_faces():
    found = clusters(BY_HAND, periodic=[1])
    assert sorted(size for size in found.sizes if size) == [2, 6]
    assert found.labels[0, 0] == found.labels[0, 3]
    with pytest.raises(ParameterError, match="first axis"):
        clusters(BY_HAND, periodic=[0])


def test_no_site_and_all_sites():
    empty, full = clusters(np.zeros((3, 3), bool)), clusters(np.ones((3, 3, 3), bool), [1, 2])
    assert empty.largest_share == empty.spanning_share == empty.spanning == 0
    assert full.largest_share == full.spanning_share == 1


@pytest.mark.parametrize(("dimension", "side"), [(1, 50), (2, 25), (3, 8), (4, 5), (5, 4)])
@pytest.mark.parametrize("p", [0.1, 0.4, 0.7])
def test_union_find_agrees_with_scipy(dimension, side, p):
    occupied = draw_levels(dimension, side, seed=3) < p
    labels, count = ndimage.label(occupied)
    roots = join(occupied.size, *neighbours(occupied))[occupied.ravel()]
    pairs = set(zip(labels[occupied], roots, strict=True))
    assert len(pairs) == count == len(set(roots))
    rolled = periodic_sizes(occupied, range(1, dimension))
    found = clusters(occupied, periodic=range(1, dimension))
    assert sorted(size for size in found.sizes if size) == rolled


def neighbours(occupied, periodic=()):
    """Pairs of neighbouring occupied sites, by their places in the flattened lattice."""
    places = np.arange(occupied.size).reshape(occupied.shape)
    pairs = []
    for axis in range(occupied.ndim):
        for ahead in (1, 1 - occupied.shape[axis]):
            if ahead == 1 or axis in periodic:
                keep = np.ones(occupied.shape, bool)
                index = [slice(None)] * occupied.ndim
                index[axis] = slice(-1, None) if ahead == 1 else slice(0, -1)
                keep[tuple(index)] = False
                both = keep & occupied & np.roll(occupied, -1, axis)
                pairs.append(np.stack([places[both], np.roll(places, -1, axis)[both]]))
    return np.concatenate(pairs, axis=1)


def periodic_sizes(occupied, periodic):
    """Sizes of the clusters by walking from site to site, in plain Python."""
    links: dict[int, list[int]] = {int(site): [] for site in np.flatnonzero(occupied)}
    for a, b in neighbours(occupied, periodic).T.tolist():
        links[a].append(b)
        links[b].append(a)
    sizes, seen = [], set()
    for start in links:
        stack, size = [start], 0
        while stack:
            site = stack.pop()
            if site not in seen:
                seen.add(site)
                size += 1
                stack += links[site]
        sizes.append(size)
    return sorted(size for size in sizes if size)


@given(st.integers(1, 40), st.data())
def test_joining_finds_the_components_of_any_graph(count, data):
    member = st.integers(0, count - 1)
    edges = data.draw(st.lists(st.tuples(member, member), max_size=60))
    parent = list(range(count))
    for a, b in edges:
        old, new = sorted((parent[a], parent[b]), reverse=True)
        parent = [new if root == old else root for root in parent]
    first, second = np.array(edges, dtype=int).reshape(-1, 2).T
    assert join(count, first, second).tolist() == parent


def test_levels_are_seeded_and_occupation_only_grows():
    levels = draw_levels(3, 10, seed=1)
    assert np.array_equal(levels, draw_levels(3, 10, seed=1))
    assert not np.array_equal(levels, draw_levels(3, 10, seed=2))
    assert ((levels < 0.4) <= (levels < 0.6)).all()
    with pytest.raises(ParameterError, match="sites a side"):
        draw_levels(7, 100, seed=0)


def test_the_spanning_level_is_where_spanning_begins():
    for seed in range(20):
        levels = draw_levels(2, 12, seed)
        level = spanning_level(levels)
        assert spans(levels <= level)
        assert not spans(levels < level)


@pytest.mark.parametrize("dimension", [2, 3, 4])
def test_thresholds_are_the_published_ones_within_one_percent(dimension):
    found = threshold(dimension, samples=200, steps=20_000, seed=0)
    assert found.value == pytest.approx(LITERATURE[dimension], rel=0.01)
    assert found.error < 0.01 * LITERATURE[dimension]


def test_both_estimators_agree_where_both_work():
    spanning = spanning_threshold(3, (8, 32), 100, seed=1)
    invasion = invasion_threshold(3, 4, 20_000, seed=1)
    assert spanning.value == pytest.approx(invasion.value, rel=0.02)
    assert threshold(6, 20, 5_000, seed=0).value == pytest.approx(LITERATURE[6], rel=0.01)


def root_by_brute_force(p, dimension):
    """The largest root on a fine grid of signs, refined by Brent's method, in float64."""

    def surplus(P):
        return 1 - (1 - p * P) ** (2 * dimension) - P

    grid = np.linspace(0, 1, 200_001)[1:]
    above = np.flatnonzero(surplus(grid) > 0)
    if not len(above):
        return 0.0
    last = grid[above[-1]]
    return brentq(surplus, last, 1, xtol=1e-14) if last < 1 and surplus(1.0) < 0 else 1.0


@pytest.mark.parametrize("dimension", [1, 2, 3, 7, 64, 4096])
def test_mean_field_is_the_brute_force_root(dimension):
    threshold_p = mean_field_threshold(dimension)
    p = np.unique(np.clip(threshold_p * np.array([0.5, 1, 1.001, 1.01, 1.2, 2, 5, 1e9]), 0, 1))
    expected = [root_by_brute_force(value, dimension) for value in p]
    assert mean_field(p, dimension) == pytest.approx(expected, abs=1e-6)


@given(st.floats(0, 1), st.integers(1, 5000))
def test_mean_field_solves_its_equation_and_vanishes_below_the_threshold(p, dimension):
    P = float(mean_field(p, dimension))
    assert 0 <= P <= 1
    assert abs(1 - P - (1 - p * P) ** (2 * dimension)) < 1e-9
    assert (P > 0) == (2 * dimension * p > 1)


def test_mean_field_grows_with_p_and_with_dimension():
    P = mean_field(np.linspace(0, 1, 101)[:, None], np.arange(1, 12))
    assert (np.diff(P, axis=0) >= -1e-12).all()
    assert (np.diff(P, axis=1) >= -1e-12).all()
    with pytest.raises(ParameterError, match="0 to 1"):
        mean_field(1.1, 2)


def test_high_dimensions_approach_the_random_graph():
    """P of 1 - P = exp(-c P) is the share of the largest component of a random graph of mean degree c."""
    c = np.array([0.5, 1.0, 1.5, 2.0, 3.0])
    limit = [0, 0, *(brentq(lambda P, c=c: np.exp(-c * P) - 1 + P, 1e-3, 1) for c in c[2:])]
    gaps = [np.abs(mean_field(c / (2 * d), d) - limit).max() for d in (4, 40, 4000)]
    assert gaps[0] > gaps[1] > gaps[2]
    assert gaps[2] < 1e-3
    assert limit[3] == pytest.approx(0.796812130, abs=1e-8)
    assert series_threshold(7) == pytest.approx(LITERATURE[7], rel=0.01)
