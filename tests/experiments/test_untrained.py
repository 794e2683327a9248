"""Optimal inputs and their paths: losses evaluated anew in float64, claims on a finer grid."""

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
from engine.experiments.untrained.computing import untrained
from engine.experiments.untrained.computing.optimal_inputs import optimal_pairs
from engine.experiments.untrained.computing.tables import heights_of
from engine.experiments.untrained.computing.untrained import trial
from engine.experiments.untrained.untrained import Untrained
from engine.progress import SILENT
from engine.records import Store, run
from tests.networks import tiny_network

SMALL = Untrained(
    network="digits-resnet", networks=2, classes=4, threshold=0.02, noise=4.0, points=60
)


def sharp(name, device, report):
    """A network with sharp borders in place of a weak one, so that a moment's work is enough."""
    card = cards.card(name)
    seed = int(name.rpartition("@")[2])
    return Classifier(card, tiny_network(card.input_shape, len(card.classes), seed))


@pytest.fixture(scope="module", autouse=True)
def networks():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(untrained, "load_classifier", sharp)
        yield


@pytest.fixture(scope="module")
def record(tmp_path_factory):
    return run(SMALL, store=Store(tmp_path_factory.mktemp("store"), shipped=None))


@pytest.fixture(scope="module")
def trials():
    return [trial(SMALL, number, "cpu", SILENT) for number in range(SMALL.networks)]


def exact(classifier, images, target):
    """Cross-entropy in float64."""
    network = deepcopy(classifier.network).double()
    pixels = (torch.as_tensor(images).double() - classifier.mean) / classifier.std
    with torch.no_grad():
        targets = torch.full((len(pixels),), int(target))
        return F.cross_entropy(network(pixels), targets, reduction="none").numpy()


def test_the_losses_of_inputs_are_theirs(trials):
    for number, found in enumerate(trials):
        classifier = sharp(SMALL.classifiers[number], "", SILENT)
        for images, target, loss, steps in zip(
            found.pairs.images,
            found.pairs.targets,
            found.pairs.loss,
            found.pairs.steps,
            strict=True,
        ):
            np.testing.assert_allclose(loss, exact(classifier, images, target), rtol=1e-3)
            assert (loss < SMALL.threshold).all()
            assert (steps > 0).all()
            assert not torch.equal(images[0], images[1])


def test_a_connected_path_is_low_on_a_finer_grid(trials):
    t = torch.linspace(0, 1, 1777)
    joined = bent = 0
    for number, found in enumerate(trials):
        classifier = sharp(SMALL.classifiers[number], "", SILENT)
        for one, straight in zip(found.connections, found.straight, strict=True):
            ends = one.path.nodes[[0, -1]]
            line = exact(
                classifier, torch.lerp(ends[:1], ends[1:], t[:, None, None, None]), one.target
            )
            assert straight == pytest.approx(line.max(), rel=0.02)
            assert heights_of(one, straight)[-1] == pytest.approx(one.height, rel=0.2)
            if one.connected:
                joined += 1
                bent += bool(one.rounds)
                assert exact(classifier, one.path.at(t), one.target).max() <= SMALL.threshold * 1.01
            else:
                assert one.height > SMALL.threshold
    assert joined
    assert bent


def test_the_record_says_what_the_pairs_say(record, trials):
    pairs, fractions = record.tables["pairs"], record.tables["fractions"]
    assert list(pairs["seed"]) == [0] * 4 + [1] * 4
    assert pairs["converged"].all()
    found = [one for each in trials for one in each.connections]
    assert list(pairs["connected"]) == [one.connected for one in found]
    for row in fractions.itertuples():
        joined = sum(one.connected and len(one.rounds) <= row.round for one in found)
        assert (row.connected, row.pairs) == (joined, len(found))
        assert row.fraction == joined / len(found)
        # Wilson's interval holds the fractions p with |f - p| <= z sqrt(p (1 - p) / n).
        for p in (row.low, row.high):
            off = 1.959964 * np.sqrt(p * (1 - p) / row.pairs)
            assert abs(row.fraction - p) == pytest.approx(off, abs=1e-6)
    assert record.summary["joined"] == sum(pairs["connected"])


def test_the_shown_pair_is_the_first_one(record, trials):
    classifier = sharp(SMALL.classifiers[0], "", SILENT)
    rounds = len(trials[0].connections[0].rounds)
    ends = trials[0].pairs.images[0].numpy()
    for number in range(rounds + 1):
        nodes = record.arrays[f"nodes_{number}"]
        np.testing.assert_array_equal(nodes[[0, -1]], ends)
        path = trials[0].connections[0].path.at(0.0)
        np.testing.assert_array_equal(path.numpy(), ends[0])
        curve = record.arrays[f"loss_{number}"]
        assert curve[0] == pytest.approx(exact(classifier, ends[:1], 0)[0], rel=1e-3)
    assert f"nodes_{rounds + 1}" not in record.arrays
    assert record.summary["target_name"] == "0"


def test_same_seed_same_record_and_another_seed_another(record, tmp_path):
    again = run(SMALL, store=Store(tmp_path, shipped=None))
    for name, values in record.arrays.items():
        np.testing.assert_array_equal(values, again.arrays[name])
    other = trial(replace(SMALL, seed=5, networks=1), 0, "cpu", SILENT)
    assert not np.array_equal(other.pairs.images[0].numpy(), record.arrays["nodes_0"])


def test_inputs_that_do_not_get_there_are_reported(tmp_path):
    spec = replace(SMALL, steps=2, threshold=1e-6)
    record = run(spec, store=Store(tmp_path, shipped=None))
    assert record.summary["converged"] == record.summary["joined"] == 0
    assert record.summary["status"].startswith("None of 8 pairs")
    assert not record.arrays
    assert not record.tables["pairs"]["converged"].any()
    assert record.tables["pairs"]["straight"].isna().all()
    assert record.tables["heights"].empty
    assert record.tables["fractions"]["fraction"].isna().all()
    search = record.tables["search"]
    assert list(search["step"][:3]) == [0, 1, 2]
    assert len(search) == 3 * len(record.tables["inputs"])
    assert np.isfinite(search["loss"]).all()


def test_a_search_in_strides_is_told_by_its_steps(tmp_path):
    spec = replace(SMALL, networks=1, classes=2, threshold=1e-4)
    record = run(spec, store=Store(tmp_path, shipped=None))
    inputs, search = record.tables["inputs"], record.tables["search"]
    for row in inputs.itertuples():
        own = search[(search["class"] == row[2]) & (search["input"] == row.input)]
        steps = own["step"].to_numpy()
        assert (steps[0], steps[-1]) == (0, row.steps)
        assert np.diff(steps).min() == 1, "far from the goal, every step is taken"
        assert np.diff(steps).max() > 1, "near it, some stand for several"
        assert own["loss"].iloc[-1] == pytest.approx(row.loss, rel=1e-3)
    trace, bends = record.tables["trace"], record.tables["bends"]
    last = trace.groupby(["round", "segment"])["step"].max()
    assert last.to_list() == bends["steps"].to_list()
    assert len(trace) < bends["steps"].sum()


def test_the_penalty_smooths_one_input_of_each_pair():
    classifier = sharp(SMALL.classifiers[0], "", SILENT)
    spec = replace(SMALL, high_frequency=0.1, steps=100)
    found = optimal_pairs(classifier, [0, 1], spec, "x", SILENT)
    rough = (found.images.diff(dim=-1) ** 2).sum((2, 3, 4))
    assert (rough[:, 1] < rough[:, 0]).all()
    assert found.reached[:, 0].all()


def test_what_is_not_a_number_is_not_optimal():
    classifier = sharp(SMALL.classifiers[0], "", SILENT)
    classifier.network[-1].weight.data.fill_(float("inf"))
    found = optimal_pairs(classifier, [0], SMALL, "x", SILENT)
    assert not found.reached.any()
    assert not len(found.ready)
    assert (found.steps == 0).all()


def test_a_network_has_only_so_many_classes():
    with pytest.raises(ParameterError, match="at most 10"):
        Untrained(network="digits-resnet", classes=11)
