"""What is interpolated is what would have been measured, as near as is said, with far fewer passes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.classifiers import load_classifier
from engine.datasets import load_dataset
from engine.images import to_pixels
from engine.paths import loss_curve
from engine.refining import FIRST, refine


def measuring(losses, seen=None):
    """What measures curves (K, N) that are known, and how often each point was asked for."""
    asked = np.zeros(losses.shape, dtype=int)
    seen = np.zeros(losses.shape, dtype=int) if seen is None else seen

    def measure(rows, places, report):
        np.add.at(asked, (rows, places), 1)
        return losses[rows, places], seen[rows, places]

    return measure, asked


def bumps(seed, count=6, points=1000):
    """Smooth curves with barriers of up to 8 nats, some narrow, as (K, N)."""
    draws = np.random.default_rng(seed)
    t = np.linspace(0, 1, points)
    height, place, width = (draws.uniform(*ends, (count, 3, 1)) for ends in RANGES)
    return (height * np.exp(-(((t - place) / width) ** 2))).sum(1).astype(np.float32)


RANGES = ((0, 8), (0.1, 0.9), (0.05, 0.3))


@given(st.integers(0, 10_000))
def test_interpolated_points_are_within_a_few_tolerances_and_the_top_is_exact(seed):
    losses = bumps(seed)
    measure, _ = measuring(losses)
    found = refine(measure, *losses.shape, 0.01)
    assert np.abs(found.loss - losses).max() <= 0.05
    assert np.allclose(found.loss.max(1), losses.max(1), atol=1e-4)
    assert np.array_equal(found.loss[found.measured], losses[found.measured])
    assert found.measured.mean() < 0.2


@given(st.integers(0, 10_000), st.integers(2, 80), st.integers(1, 4))
def test_nothing_is_measured_twice_and_all_where_nothing_is_tolerated(seed, points, curves):
    losses = bumps(seed, curves, points)
    measure, asked = measuring(losses)
    found = refine(measure, curves, points, 0.0)
    assert (asked == 1).all()
    assert found.measured.all()
    assert np.array_equal(found.loss, losses)
    measure, asked = measuring(losses)
    found = refine(measure, curves, points, 0.01)
    assert np.array_equal(asked, found.measured.astype(int))


@given(st.integers(0, 10_000))
def test_no_curve_depends_on_the_others(seed):
    losses = bumps(seed)
    together = refine(measuring(losses)[0], *losses.shape, 0.01)
    for k, one in enumerate(losses):
        alone = refine(measuring(one[None])[0], 1, len(one), 0.01)
        assert np.array_equal(alone.loss[0], together.loss[k])


@given(st.integers(0, 10_000), st.integers(2, 3))
def test_corners_between_segments_are_kept(seed, segments):
    points = 250 * segments
    losses = np.abs(bumps(seed, 1, points) - 2)  # a corner wherever a curve crosses 2
    knots = [250 * k - 1 for k in range(1, segments)]
    losses[0, knots] += 1  # and a tip at each node
    found = refine(measuring(losses)[0], 1, points, 0.01, knots)
    assert found.measured[0, knots].all()
    assert np.abs(found.loss - losses)[:, [k + d for k in knots for d in (-1, 0, 1)]].max() <= 0.05


@given(st.integers(1, 999), st.integers(200, 999))
def test_where_the_class_changes_is_found_to_the_point(place, width):
    seen = (np.arange(1000) >= place) & (np.arange(1000) < place + width)
    losses = np.zeros((1, 1000), np.float32)
    found = refine(measuring(losses, seen[None].astype(int))[0], 1, 1000, 0.01)
    assert np.array_equal(found.prediction[0], seen.astype(int))


@pytest.mark.parametrize("name", ["shapes-resnet", "shapes-vgg"])
def test_the_stated_bound_and_a_tenth_of_the_passes_on_shipped_networks(name):
    """Between images of a class: no point is further off than 0.05 nats, 99 % are within 0.002."""
    classifier, data = load_classifier(name), load_dataset("shapes", "test")
    draws, passes, off = np.random.default_rng(3), [], []
    for label in range(8):
        pair = draws.choice(np.flatnonzero(data.labels == label), 2, replace=False)
        dense, found = (
            loss_curve(classifier, to_pixels(data.batch(pair)), label, tolerance=tolerance)
            for tolerance in (0, 0.001)
        )
        passes.append(found.passes)
        off.append(np.abs(found.loss - dense.loss))
        assert found.barrier().height == pytest.approx(dense.barrier().height, abs=2e-3)
    assert np.max(off) <= 0.05
    assert np.quantile(off, 0.99) <= 0.002
    assert FIRST < np.mean(passes) <= 0.1 * 1000
