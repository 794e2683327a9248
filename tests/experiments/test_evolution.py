"""Training measured: measuring leaves it as it is, stopping leaves it as it is, means are means."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from engine.classifiers import cards
from engine.classifiers.classifier import Classifier
from engine.errors import ParameterError
from engine.experiments.untrained.computing.evolution import STATE, _run, straight_curves
from engine.experiments.untrained.computing.optimal_inputs import OptimalPairs
from engine.experiments.untrained.evolution import Evolution, EvolutionPart
from engine.parameters import fields_of
from engine.progress import SILENT, Cancelled
from engine.records import Store, run
from engine.training.recipes import RECIPES
from tests.networks import tiny_network

TINY = Evolution(
    classifier="digits-resnet",
    batches=3,
    epochs=2,
    stride=1,
    pairs=1,
    images=128,
    points=9,
    steps=12,
    threshold=2.25,
)


@pytest.fixture(scope="module", autouse=True)
def _one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return Store(tmp_path_factory.mktemp("store"), shipped=None)


@pytest.fixture(scope="module")
def record(store):
    return run(TINY, store=store)


def equal(one, other):
    for name, table in one.tables.items():
        assert table.equals(other.tables[name])


def test_every_batch_and_epoch_is_measured(record):
    barriers = record.tables["barriers"]
    batches, epochs = (barriers[barriers["phase"] == phase] for phase in ("batch", "epoch"))
    assert list(batches["number"]) == [0, 1, 2, 3]
    assert list(epochs["number"]) == [0, 1, 2]
    before = [
        rows.drop(columns="phase").iloc[:1].reset_index(drop=True) for rows in (batches, epochs)
    ]
    assert before[0].equals(before[1])
    assert record.summary["measured"] == 6
    assert record.summary["images"] == 128


def test_means_and_spread_are_numpys(record, store):
    parts = [store.find(part.key()) for part in TINY.parts]
    curves = np.concatenate([part.arrays["curves"] for part in parts])
    stages = [row for part in parts for row in part.tables["stages"].itertuples(index=False)]
    kept = [stage[~np.isnan(stage).any(1)].astype(np.float64) for stage in curves]
    assert any(1 < len(stage) < TINY.pairs * 10 for stage in kept), "some pairs shall be left out"
    barriers, lines = record.tables["barriers"], record.tables["curves"]
    for stage, (name, number) in zip(kept, stages, strict=True):
        row = barriers[(barriers["phase"] == name) & (barriers["number"] == number)].iloc[0]
        assert row["pairs"] == len(stage)
        if len(stage) < 2:
            continue
        tops = stage.max(1)
        assert row["height"] == pytest.approx(np.mean(tops))
        half = 1.96 * np.std(tops, ddof=1) / np.sqrt(len(tops))
        assert row["high"] - row["height"] == pytest.approx(half)
        assert [row["quarter"], row["median"]] == pytest.approx(np.percentile(tops, [25, 50]))
        line = lines[(lines["phase"] == name) & (lines["number"] == number)]
        np.testing.assert_allclose(line["loss"], stage.mean(0))
        np.testing.assert_allclose(line["three_quarters"], np.percentile(stage, 75, axis=0))
        np.testing.assert_allclose(line["t"], np.linspace(0, 1, TINY.points))


def test_measuring_leaves_the_training_as_it_is(record, store):
    first = TINY.parts[0]
    alone = _run(first, "cpu", SILENT)
    alone.epoch(0, SILENT)
    measured = store.find(first.key()).arrays
    for name, values in alone.state().items():
        np.testing.assert_array_equal(measured[f"{STATE}{name}"], values.numpy())
    last = store.find(TINY.parts[1].key()).arrays
    assert not [name for name in last if name.startswith(STATE)]


def test_statistics_estimated_anew_leave_the_training_as_it_is(record, store):
    again = replace(TINY, statistics="estimated")
    assert "statistics" not in TINY.relevant()
    found = run(again, store=store)
    one, two = (store.find(spec.parts[0].key()).arrays for spec in (TINY, again))
    for name in one:
        if name.startswith(STATE):
            np.testing.assert_array_equal(one[name], two[name])
    assert not found.tables["barriers"].equals(record.tables["barriers"])


def test_estimated_statistics_are_those_of_the_images():
    training = _run(TINY.parts[0], "cpu", SILENT)
    training.epoch(0, SILENT)
    network = deepcopy(training.network)
    training.estimate_statistics(network, 128)
    seen = []
    first = next(one for one in network.modules() if isinstance(one, torch.nn.BatchNorm2d))
    first.register_forward_pre_hook(lambda module, given: seen.append(given[0]))
    with torch.no_grad():
        network((training.images.float() / 255 - training.mean) / training.std)
    np.testing.assert_allclose(first.running_mean, seen[0].mean((0, 2, 3)), atol=1e-4)


def test_a_training_that_was_stopped_ends_as_if_it_had_not_been(record, tmp_path):
    store = Store(tmp_path, shipped=None)
    first, second = TINY.parts

    def impatient(step, total, **metrics):
        if store.find(first.key()) and step > 0.6 * total:
            raise Cancelled

    with pytest.raises(Cancelled):
        run(TINY, store=store, report=impatient)
    kept = store.find(first.key())
    assert kept
    assert not store.find(second.key())
    written = (kept.path / "arrays.npz").stat().st_mtime_ns
    equal(record, run(TINY, store=store))
    assert (store.find(first.key()).path / "arrays.npz").stat().st_mtime_ns == written


def test_the_length_of_parts_does_not_matter(record, tmp_path):
    equal(record, run(replace(TINY, stride=2), store=Store(tmp_path, shipped=None)))


def test_straight_curves_are_the_losses_of_blends():
    card = cards.card("untrained:digits-resnet")
    classifier = Classifier(card, tiny_network(card.input_shape, 10, seed=3))
    images = torch.rand(3, 2, *card.input_shape, generator=torch.Generator().manual_seed(0))
    loss = np.array([[0.1, 0.1], [0.1, 0.9], [0.2, 0.0]])
    pairs = OptimalPairs(
        images, np.array([4, 5, 6]), loss, np.ones((3, 2)), np.ones((1, 3, 2)),
        np.zeros((1, 3, 2)), below=0.5,
    )  # fmt: skip
    curves = straight_curves(classifier, pairs, 7, SILENT)
    assert np.isnan(curves[1]).all()
    network = classifier.network.double()
    for k, target in ((0, 4), (2, 6)):
        for place, t in enumerate(np.linspace(0, 1, 7)):
            blend = (1 - t) * images[k, :1].double() + t * images[k, 1:].double()
            with torch.no_grad():
                logits = network((blend - classifier.mean) / classifier.std)
            expected = F.cross_entropy(logits, torch.tensor([target]))
            assert curves[k, place] == pytest.approx(float(expected), rel=1e-4, abs=1e-5)


def test_another_pytorch_trains_another_network(monkeypatch):
    keys = [spec.key() for spec in (TINY, *TINY.parts)]
    monkeypatch.setattr(cards, "version", lambda package: "0.4.1")
    assert not set(keys) & {spec.key() for spec in (TINY, *TINY.parts)}


def test_there_are_as_many_parts_as_epochs_need():
    spec = replace(TINY, epochs=7, stride=3)
    assert [list(part.span) for part in spec.parts] == [[0, 1, 2], [3, 4, 5], [6]]
    with pytest.raises(ParameterError, match="no part 3"):
        EvolutionPart(epochs=7, stride=3, part=3)


def test_every_network_with_a_recipe_can_be_watched():
    field = next(field for field in fields_of(Evolution) if field.name == "classifier")
    assert set(field.choices) == set(RECIPES)
