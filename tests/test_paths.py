"""Paths are exact at their nodes, curves equal a brute-force float64 evaluation."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import batches
from engine.curves import barrier_of
from engine.errors import ImageError, ParameterError
from engine.paths import Polyline, loss_curve
from tests.networks import random_images, reference_logits, tiny_classifier


@pytest.fixture(scope="module")
def classifier():
    return tiny_classifier()


@given(st.integers(2, 7), st.integers(2, 40))
def test_every_segment_gets_the_same_share_and_every_node_is_hit(nodes, points):
    path = Polyline(random_images(nodes, (1, 2, 2)))
    t = path.times(points)
    assert len(t) == points * path.segments
    assert (np.diff(t) > 0).all()
    assert (t[0], t[-1]) == (0, 1)
    assert torch.equal(path.at(np.linspace(0, 1, nodes)), path.nodes)
    for node in range(1, path.segments):
        assert np.isclose(t, node / path.segments, atol=1e-15).any()


@given(st.floats(0, 1), st.integers(2, 5))
def test_a_point_lies_where_the_definition_puts_it(t, nodes):
    path = Polyline(random_images(nodes, (2, 3, 2)))
    k = min(int(t * path.segments), path.segments - 1)
    f = t * path.segments - k
    expected = path.nodes[k].double() * (1 - f) + path.nodes[k + 1].double() * f
    assert torch.allclose(path.at(t).double(), expected, atol=1e-6)


@pytest.mark.parametrize("nodes", [2, 3, 5])
@pytest.mark.parametrize("points", [10, 333, 1000])
def test_a_curve_equals_brute_force_in_float64(classifier, nodes, points):
    path = Polyline(random_images(nodes, seed=nodes))
    curve = loss_curve(classifier, path, 2, points)
    p = -(-points // path.segments)
    grid = []
    for k in range(path.segments):
        f = np.arange(p) / (p - 1) if k == 0 else np.arange(1, p + 1) / p
        grid += [(1 - x) * path.nodes[k].double() + x * path.nodes[k + 1].double() for x in f]
    logits = reference_logits(torch.stack(grid))
    expected = F.cross_entropy(logits, torch.full((len(grid),), 2), reduction="none").numpy()
    assert len(curve.loss) == p * path.segments
    assert curve.loss.dtype == np.float32
    assert np.allclose(curve.loss, expected, rtol=1e-4, atol=1e-5)
    assert (curve.prediction == logits.argmax(1).numpy()).mean() > 0.999


def test_a_curve_does_not_depend_on_batches(classifier, monkeypatch):
    path = Polyline(random_images(3))
    whole = loss_curve(classifier, path, 0, 100)
    monkeypatch.setitem(batches.BATCHES, "cpu", (7 * 90, 1, 7))
    pieces = loss_curve(classifier, path, 0, 100)
    assert np.allclose(whole.loss, pieces.loss, atol=1e-6)


@settings(max_examples=50)
@given(st.lists(st.floats(0, 20, width=32), min_size=2, max_size=50))
def test_a_gap_is_never_negative_and_never_exceeds_the_height(losses):
    loss = np.array(losses, dtype=np.float32)
    barrier = barrier_of(np.linspace(0, 1, len(loss)), loss)
    assert barrier.height == loss.max()
    assert 0 <= barrier.gap <= barrier.height
    assert barrier.gap == pytest.approx(loss.max() - max(loss[0], loss[-1]))


@pytest.mark.parametrize(
    "nodes",
    [torch.rand(1, 3, 6, 5), torch.rand(3, 6, 5), torch.full((2, 3, 6, 5), float("nan"))],
)
def test_what_is_no_path_is_refused(nodes):
    with pytest.raises(ImageError):
        Polyline(nodes)


def test_bytes_are_not_taken_for_pixels():
    with pytest.raises(ImageError, match="Divide bytes by 255"):
        Polyline(np.zeros((2, 3, 6, 5), np.uint8))


def test_a_wrong_target_or_time_is_refused(classifier):
    path = Polyline(random_images(2))
    with pytest.raises(ParameterError, match="from 0 to 3"):
        loss_curve(classifier, path, 4)
    with pytest.raises(ParameterError, match="0 to 1"):
        path.at(1.5)
