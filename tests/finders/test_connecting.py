"""A claim of connection is true on a grid finer than any that the search used."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import engine
from engine.classifiers import load_classifier
from engine.errors import ImageError, ParameterError
from engine.finders import FINDERS
from engine.finders.connecting import connect, connect_many, judge
from engine.finders.settings import ConnectSettings
from engine.parameters import fields_of
from engine.paths import Polyline, loss_curve
from engine.speed.pairs import barrier_pairs


@pytest.fixture(scope="module")
def classifier():
    return load_classifier("shapes-resnet")


@pytest.fixture(scope="module")
def pairs(classifier):
    return barrier_pairs(classifier, "shapes", 40, height=0.5)


@pytest.fixture(scope="module")
def connections(classifier, pairs):
    return connect_many(classifier, *pairs)


def finest(classifier, connection, points=131):
    """Highest loss on a grid that shares no inner point with the search's or the verification's."""
    path = connection.path
    return loss_curve(classifier, path, connection.target, points * path.segments).loss.max()


def test_38_of_40_pairs_with_a_barrier_are_connected_in_four_rounds(connections):
    assert sum(connection.connected for connection in connections) >= 38
    assert max(len(connection.rounds) for connection in connections) <= 4


def test_a_connected_path_is_low_on_a_finer_grid(classifier, connections):
    for connection in connections:
        if connection.connected:
            assert finest(classifier, connection) <= max(0.05, connection.limit)


def test_new_nodes_lie_in_their_hyperplane(pairs, connections):
    """Recomputed from the nodes: B' - B is orthogonal to C - A to 1e-5 of |C - A|."""
    a, c, _ = pairs
    for k, connection in enumerate(connections):
        for done in connection.rounds:
            assert all(bend.drift <= 1e-5 for bend in done.bends)
        if not connection.rounds:
            continue
        u = (c[k] - a[k]).double()
        b = connection.rounds[0].nodes[1].double()
        place = ((b - a[k].double()) * u).sum() / (u * u).sum()
        grid = place * 999
        assert abs(grid - grid.round()) < 999e-5, "B lies on the paper's 1,000-point grid"


def test_the_bypass_begins_at_the_top_of_the_straight_path(classifier, pairs, connections):
    a, c, targets = pairs
    for k in range(4):
        curve = loss_curve(classifier, torch.stack([a[k], c[k]]), int(targets[k]), 1000)
        (bend, *_) = connections[k].rounds[0].bends
        assert bend.before == pytest.approx(curve.barrier().height, rel=1e-4)


def test_a_path_keeps_its_ends_and_doubles_at_most_each_round(pairs, connections):
    a, c, _ = pairs
    for k, connection in enumerate(connections):
        assert torch.equal(connection.path.nodes[0], a[k])
        assert torch.equal(connection.path.nodes[-1], c[k])
        assert connection.path.segments <= 2 ** len(connection.rounds)


def test_one_pair_alone_ends_as_in_a_batch(classifier, pairs, connections):
    alone = connect(classifier, pairs[0][0], pairs[1][0], int(pairs[2][0]))
    assert alone.connected == connections[0].connected
    assert torch.allclose(alone.path.nodes, connections[0].path.nodes, atol=1e-3)


def test_the_same_call_gives_the_same_bits(classifier, pairs):
    few = [part[:4] for part in pairs]
    once, again = connect_many(classifier, *few), connect_many(classifier, *few)
    for first, second in zip(once, again, strict=True):
        assert torch.equal(first.path.nodes, second.path.nodes)


@pytest.mark.parametrize("method", FINDERS)
def test_every_finder_keeps_the_contract(classifier, pairs, method):
    a, c, targets = (part[:2] for part in pairs)
    settings = ConnectSettings(method=method, iterations=200)
    for connection in connect_many(classifier, a, c, targets, settings):
        assert connection.connected
        assert finest(classifier, connection) <= 0.05
        assert connection.forward_passes > connection.backward_passes > 0


@pytest.mark.parametrize("method", FINDERS)
def test_a_path_found_in_strides_is_low_on_a_finer_grid(classifier, pairs, method):
    """Below 0.005 nats the search is calm from early on, so most of it is made in strides."""
    a, c, targets = (part[:2] for part in pairs)
    settings = ConnectSettings(method=method, threshold=0.005, iterations=400, longest_stride=16)
    found = connect_many(classifier, a, c, targets, settings)
    bends = [bend for one in found for done in one.rounds for bend in done.bends]
    assert any(connection.connected for connection in found)
    assert max(np.diff(bend.clock).max(initial=0) for bend in bends) > 1
    for connection in found:
        if connection.connected:
            assert finest(classifier, connection) <= max(0.005, connection.limit)
    for bend in bends:
        assert bend.clock[0] == 0
        assert bend.clock[-1] == bend.steps
        assert len(bend.clock) == len(bend.trace)


def test_the_settings_name_exactly_the_finders_that_exist():
    method = next(field for field in fields_of(ConnectSettings) if field.name == "method")
    assert set(method.choices) == set(FINDERS)


def test_all_iterations_are_run_where_the_paper_does(classifier, pairs):
    a, c, targets = (part[:2] for part in pairs)
    settings = ConnectSettings(stop="iterations", iterations=30, rounds=1)
    for connection in connect_many(classifier, a, c, targets, settings):
        (bend,) = connection.rounds[0].bends
        assert bend.steps == 30
        assert len(bend.trace) == 31
        assert bend.clock.tolist() == list(range(31))


def test_clamping_keeps_every_pixel_in_range_and_the_hyperplane(classifier, pairs):
    a, c, targets = (part[:4] for part in pairs)
    for connection in connect_many(classifier, a, c, targets, ConnectSettings(clamp=True)):
        assert connection.path.nodes.min() >= 0
        assert connection.path.nodes.max() <= 1
        for done in connection.rounds:
            assert all(bend.drift <= 1e-5 and bend.outside == 0 for bend in done.bends)


def test_bfloat16_searches_but_float32_judges(classifier, pairs):
    a, c, targets = (part[:4] for part in pairs)
    for connection in connect_many(
        classifier, a, c, targets, ConnectSettings(precision="bfloat16")
    ):
        assert not connection.connected or finest(classifier, connection) <= 0.05


def test_nothing_is_called_connected_that_is_not(classifier, pairs):
    a, c, targets = pairs
    for settings in (ConnectSettings(rounds=0), ConnectSettings(iterations=1, rounds=1)):
        for connection in connect_many(classifier, a[:4], c[:4], targets[:4], settings):
            high = finest(classifier, connection)
            assert connection.connected == (high <= 0.05)
            assert ("Not connected" in connection.status) == (not connection.connected)
            assert connection.height == pytest.approx(high, rel=0.1)


def test_a_straight_path_is_judged_by_its_curve_as_by_connecting(classifier, pairs):
    a, c, targets = pairs
    for i, target in enumerate(targets[:5].tolist()):
        ends = torch.stack([a[i], c[i]])
        curve = loss_curve(classifier, Polyline(ends), target, 10)
        top = float(curve.loss[1:-1].max())
        for threshold in (0.05, 1.001 * top, 1.5 * top):
            settings = ConnectSettings(rounds=0, threshold=threshold)
            judged = judge(classifier, ends, curve, settings)
            walked = connect(classifier, a[i], c[i], target, settings)
            assert (judged.connected, judged.limit) == (walked.connected, walked.limit)
            if top > judged.limit:
                assert (judged.height, judged.forward_passes) == (pytest.approx(top), 10)
            elif judged.connected:
                assert judged.height == pytest.approx(walked.height, rel=1e-3)
                assert judged.status == walked.status


def test_a_picture_and_its_copy_are_not_judged(classifier, pairs):
    twice = torch.stack([pairs[0][0], pairs[0][0]])
    curve = loss_curve(classifier, Polyline(twice), int(pairs[2][0]), 10)
    with pytest.raises(ImageError, match="identical"):
        judge(classifier, twice, curve, ConnectSettings(rounds=0))


def test_an_end_above_the_threshold_is_said(classifier, pairs):
    a, c, targets = pairs
    other = int(targets[0] + 1) % len(classifier.classes)
    connection = connect(classifier, a[0], c[0], other, ConnectSettings(iterations=50, rounds=1))
    assert connection.limit > 0.05
    if connection.connected:
        assert "one end has a loss of" in connection.status


def test_arrays_are_as_good_as_tensors(classifier, pairs):
    a, c, targets = pairs
    connection = engine.connect(classifier, a[0].numpy(), np.asarray(c[0]), int(targets[0]))
    assert connection.connected


def test_bad_pairs_are_refused_in_words(classifier, pairs):
    a, c, _ = pairs
    with pytest.raises(ImageError, match="identical"):
        connect(classifier, a[0], a[0], 0)
    with pytest.raises(ImageError, match=r"takes images of shape \(3, 32, 32\)"):
        connect(classifier, a[0, :, :16], c[0, :, :16], 0)
    with pytest.raises(ParameterError, match="class indices from 0 to"):
        connect(classifier, a[0], c[0], 99)
    with pytest.raises(ParameterError, match="one for each of the 3 pairs, got 2"):
        connect_many(classifier, a[:3], c[:3], [0, 1])
    with pytest.raises(ImageError, match="no pairs"):
        connect_many(classifier, a[:0], c[:0], 0)
    with pytest.raises(ParameterError, match="finer grid"):
        ConnectSettings(verify_points=32)
