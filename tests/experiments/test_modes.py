"""Several modes explored: every number recomputed from the record's own images and nodes."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
import torch

from engine.classifiers import load_classifier
from engine.datasets import load_dataset
from engine.errors import ParameterError
from engine.experiments.synthesis.computing.exploring import Edge, _components
from engine.experiments.synthesis.computing.mapping import QUADRUPLES, _quadruples, maps
from engine.experiments.synthesis.modes import Modes
from engine.finders.settings import ConnectSettings
from engine.images import to_pixels
from engine.paths import Polyline, loss_curve
from engine.records import Store, run
from engine.synthesis.settings import NATURAL, PATTERN
from tests.networks import random_images

NETWORK = {"classifier": "digits-resnet", "dataset": "digits", "label": "3"}
QUICK = Modes(
    **NETWORK,
    natural=2,
    pattern=2,
    real=2,
    natural_settings=replace(NATURAL, steps=40),
    pattern_settings=replace(PATTERN, steps=80),
    points=60,
    hull_steps=6,
    hull_samples=40,
)


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return Store(tmp_path_factory.mktemp("store"), shipped=None)


@pytest.fixture(scope="module")
def record(store):
    return run(QUICK, store=store)


@pytest.fixture(scope="module")
def classifier():
    return load_classifier("digits-resnet")


def losses(classifier, images) -> np.ndarray:
    with torch.no_grad():
        return -torch.log_softmax(classifier(images).double(), 1)[:, 3].numpy()


def path_of(record, pair: int) -> np.ndarray:
    """The nodes of a pair's final path."""
    row = record.tables["pairs"].iloc[pair]
    begin, end = record.arrays["inner_offset"][[pair, pair + 1]]
    ends = record.arrays["modes"][[row["first"], row["second"]]]
    return np.concatenate([ends[:1], record.arrays["inner_nodes"][begin:end], ends[1:]])


def test_modes_are_synthetic_and_real_and_all_of_the_class(record, classifier):
    rows, images = record.tables["modes"], record.arrays["modes"]
    assert list(rows["kind"]) == ["natural"] * 2 + ["pattern"] * 2 + ["real"] * 2
    assert list(rows["mode"]) == list(range(6))
    assert (losses(classifier, images[:4]) < 1e-3).all()
    assert np.allclose(rows["loss"], losses(classifier, images), atol=1e-5)
    real = [int(reference) for reference in rows["image"][4:]]
    data = load_dataset("digits")
    assert np.array_equal(images[4:], to_pixels(data.batch(real)))
    threes = losses(classifier, to_pixels(data.batch(np.flatnonzero(data.labels == 3))))
    assert np.allclose(rows["loss"][4:], np.sort(threes)[:2], atol=1e-6)


def test_every_pair_s_barriers_are_those_of_its_paths(record, classifier):
    table, images = record.tables["pairs"], record.arrays["modes"]
    assert [tuple(pair) for pair in table[["first", "second"]].to_numpy()] == list(
        combinations(range(6), 2)
    )
    for number, row in enumerate(table.itertuples()):
        straight = loss_curve(classifier, images[[row.first, row.second]], 3, 60)
        assert row.height_before == pytest.approx(straight.barrier().height, abs=1e-5)
        nodes = path_of(record, number)
        assert len(nodes) - 1 == row.segments
        final = loss_curve(classifier, nodes, 3, 60)
        assert row.height_after == pytest.approx(final.barrier().height, abs=1e-5)
        begin, end = record.arrays["final_offset"][[number, number + 1]]
        assert np.allclose(record.arrays["final_loss"][begin:end], final.loss, atol=1e-5)
        gap = images[row.first].astype(float) - images[row.second]
        assert row.distance == pytest.approx(np.sqrt((gap**2).sum()), rel=1e-5)


def test_connected_paths_are_low_on_a_finer_grid(record, classifier):
    table = record.tables["pairs"]
    assert table["connected_after"].all()
    assert not table["connected_before"].all(), "some pair must need a round to show anything"
    for number in range(len(table)):
        fine = loss_curve(classifier, Polyline(path_of(record, number)), 3, 1777)
        assert fine.barrier().height <= record.summary["threshold"]


def test_components_follow_the_connections(record):
    summary, arrays = record.summary, record.arrays
    assert summary["components_after"] == 1
    assert (arrays["component_after"] == 0).all()
    assert summary["components_before"] == len(set(arrays["component_before"].tolist()))
    for row in record.tables["pairs"].itertuples():
        if row.connected_before:
            before = arrays["component_before"]
            assert before[row.first] == before[row.second]


def test_components_by_hand():
    def edge(first: int, second: int) -> Edge:
        return Edge(first, second, None, None, None)  # type: ignore[arg-type]

    labels = _components(6, [edge(0, 3), edge(3, 5), edge(1, 2)])
    assert labels[0] == labels[3] == labels[5]
    assert labels[1] == labels[2]
    assert len(set(labels.tolist())) == 3
    assert len(set(_components(4, []).tolist())) == 4


def test_hulls_are_the_losses_of_their_blends(record, classifier):
    arrays, table = record.arrays, record.tables["hulls"]
    images, weights = arrays["modes"], arrays["hull_weights"]
    assert len(arrays["hull_corners"]) == 20
    assert list(table["size"]) == [3] * 20 + [4] * 15 + [6]
    for number in (0, 7, 19):
        corners = images[arrays["hull_corners"][number]]
        blends = np.einsum("qm,mchw->qchw", weights, corners).astype(np.float32)
        expected = losses(classifier, blends)
        assert np.allclose(arrays["hull_loss"][number], expected, atol=1e-4)
        row = table.iloc[number]
        assert row["highest"] == pytest.approx(expected.max(), abs=1e-4)
        assert row["mean"] == pytest.approx(expected.mean(), abs=1e-4)
        assert row["below"] == pytest.approx((expected <= 0.05).mean(), abs=0.04)


def test_the_map_of_images_is_their_best_plane():
    images = random_images(5)
    found, shares = maps(images, np.zeros((5, 5)))
    flat = images.flatten(1).double().numpy()
    flat = flat - flat.mean(0)
    values = np.linalg.svd(flat, compute_uv=False) ** 2
    assert shares == pytest.approx(list(values[:2] / values.sum()))
    assert (found["map_images"] ** 2).sum(0) == pytest.approx(values[:2], rel=1e-4)
    assert not found["map_barriers"].any(), "without barriers all modes are in one place"


def test_the_map_of_barriers_keeps_heights_that_fit_in_a_plane():
    spots = np.random.default_rng(0).normal(size=(6, 2))
    heights = np.linalg.norm(spots[:, None] - spots[None], axis=2)
    found, _ = maps(random_images(6), heights)
    placed = found["map_barriers"]
    again = np.linalg.norm(placed[:, None] - placed[None], axis=2)
    assert np.allclose(again, heights, atol=1e-4)


def test_two_modes_are_enough(store):
    pair = replace(QUICK, natural=0, pattern=0, real=2)
    record = run(pair, store=store)
    assert record.summary["pairs"] == 1
    assert "hulls" not in record.tables
    assert np.isfinite(record.arrays["map_barriers"]).all()
    assert record.tables["synthesis"].empty


def test_what_did_not_converge_is_listed_and_is_no_mode(store):
    hasty = replace(PATTERN, steps=1, finish=0)
    record = run(replace(QUICK, natural=1, real=1, pattern_settings=hasty), store=store)
    rows = record.tables["modes"]
    assert list(rows["converged"]) == [True, False, False, True]
    assert list(rows["mode"]) == [0, -1, -1, 1]
    assert record.summary["rejected"] == 2
    assert record.summary["pairs"] == len(record.tables["pairs"]) == 1


def test_without_two_modes_there_is_nothing_to_connect(store):
    hasty = replace(PATTERN, steps=1, finish=0)
    record = run(replace(QUICK, natural=0, real=1, pattern_settings=hasty), store=store)
    assert record.summary["status"].startswith("Nothing to connect: 2 of 3 images")
    assert "pairs" not in record.tables


def test_real_images_matter_only_where_they_are_asked_for(store):
    only = replace(QUICK, real=0, dataset="shapes")
    assert "images" not in only.digests()
    assert run(replace(only, connect=ConnectSettings(rounds=0)), store=store).summary["modes"] == 4


def test_groups_of_four_are_all_or_a_seeded_choice():
    assert len(_quadruples(6, 0)) == 15
    many = _quadruples(12, 0)
    assert len(set(many)) == QUADRUPLES
    assert many == _quadruples(12, 0) != _quadruples(12, 1)


@pytest.mark.parametrize("counts", [(1, 0, 0), (5, 5, 5)])
def test_too_few_or_too_many_modes_are_refused(counts):
    with pytest.raises(ParameterError, match="expected 2 to 12 modes"):
        Modes(natural=counts[0], pattern=counts[1], real=counts[2])
