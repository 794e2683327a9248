"""The record of two synthetic modes: modes that are modes, a path that is low, and no path without modes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from engine.classifiers import load_classifier
from engine.errors import UnknownNameError
from engine.experiments.synthesis.modes import Manifold
from engine.paths import Polyline, loss_curve
from engine.records import Store, run
from engine.synthesis.settings import NATURAL, PATTERN

QUICK = Manifold(label="Disc", points=200, plane_resolution=9)


@pytest.fixture(scope="module")
def record(tmp_path_factory):
    return run(QUICK, store=Store(tmp_path_factory.mktemp("store"), shipped=None))


@pytest.fixture(scope="module")
def classifier():
    return load_classifier("shapes-resnet")


def test_both_modes_are_modes_of_the_class(record, classifier):
    target = record.summary["target"]
    assert record.summary["target_name"] == "disc"
    with torch.no_grad():
        odds = torch.log_softmax(classifier(record.arrays["modes"]).double(), 1)
    assert bool((-odds[:, target] < 1e-3).all())
    for mode, kind, loss in zip(
        record.summary["modes"], ("natural", "pattern"), -odds[:, target], strict=True
    ):
        assert mode["kind"] == kind
        assert mode["converged"]
        assert mode["loss"] == pytest.approx(float(loss), abs=1e-6)


def test_one_round_connects_them_on_a_finer_grid_too(record, classifier):
    summary = record.summary
    assert summary["connected"]
    assert summary["rounds"] == 1
    assert summary["height_before"] > 20 * summary["height_after"]
    path = Polyline(record.arrays["nodes_1"])
    fine = loss_curve(classifier, path, summary["target"], 2 * 7 * summary["verified_points"])
    assert fine.barrier().height <= summary["limit"]


def test_the_path_joins_the_modes_and_the_plane_is_theirs(record):
    for number in (0, 1):
        ends = record.arrays[f"nodes_{number}"][[0, -1]]
        assert np.array_equal(ends, record.arrays["modes"])
    assert record.arrays["plane_loss"].shape == (9, 9)


def test_the_trace_tells_how_each_mode_grew(record):
    trace, modes = record.tables["synthesis"], record.tables["modes"]
    for number, row in enumerate(modes.itertuples()):
        own = trace[trace["mode"] == number]
        assert list(own["step"]) == list(range(row.steps + 1))
        assert own["loss"].iloc[0] > 1
        assert own["loss"].iloc[-1] < 0.1


def test_the_same_spec_gives_the_same_bits(tmp_path):
    brief = {"natural": replace(NATURAL, steps=60), "pattern": replace(PATTERN, steps=100)}
    spec = Manifold(classifier="digits-resnet", label="3", points=20, plane_resolution=5, **brief)
    one, again = (run(spec, store=Store(tmp_path / name, shipped=None)) for name in "ab")
    assert {"modes", "nodes_0"} <= set(one.arrays)
    assert again.key == one.key
    for name in one.arrays:
        assert np.array_equal(again.arrays[name], one.arrays[name])


def test_what_is_no_mode_is_reported_and_not_connected(tmp_path):
    hasty = replace(QUICK, natural=replace(NATURAL, steps=1, finish=0))
    record = run(hasty, store=Store(tmp_path, shipped=None))
    assert [mode["converged"] for mode in record.summary["modes"]] == [False, True]
    assert not record.summary["connected"]
    assert record.summary["status"].startswith(
        "No path was searched: A is not a mode (after 1 step"
    )
    assert "nodes_0" not in record.arrays
    assert (record.tables["synthesis"]["mode"] == 0).sum() == 2


def test_an_unknown_class_lists_the_known_ones(tmp_path):
    with pytest.raises(UnknownNameError, match="Known: disc"):
        run(Manifold(label="hexagon"), store=Store(tmp_path, shipped=None))


def test_keys_follow_everything_that_the_modes_depend_on():
    specs = [
        QUICK,
        replace(QUICK, seed=1),
        replace(QUICK, label="star"),
        replace(QUICK, classifier="shapes-vgg"),
        replace(QUICK, pattern=NATURAL),
    ]
    assert len({spec.key() for spec in specs}) == len(specs)
