"""The population: its pairs measured as brute force measures them, its bits the same however it is run."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from engine.attacks.adam import AdamSettings
from engine.attacks.attacking import attack
from engine.attacks.minimal import CarliniWagnerSettings
from engine.attacks.settings import AttackSettings
from engine.classifiers import load_classifier
from engine.datasets import load_dataset
from engine.errors import DataError, ParameterError
from engine.experiments.population.computing.pair_statistics import compare_branches
from engine.experiments.population.computing.shards import (
    DROPPED,
    FAILED,
    KEPT,
    MISCLASSIFIED,
    measure_pairs,
)
from engine.experiments.population.pair_statistics import AttackPopulations, PairStatistics
from engine.experiments.population.shards import PairShard
from engine.images import to_pixels
from engine.plain import plain_losses
from engine.progress import SILENT, Cancelled
from engine.records import Store, run

QUICK = AttackSettings(adam=AdamSettings(iterations=40, high_frequency_weight=1e-8))
THOROUGH = replace(QUICK, adam=replace(QUICK.adam, iterations=160))
SMALL = PairStatistics("digits-vgg", "digits", pairs=10, points=50, attack=THOROUGH)


@pytest.fixture(scope="module")
def classifier():
    return load_classifier("shapes-vgg")


@pytest.fixture(scope="module")
def pixels():
    return torch.from_numpy(to_pixels(load_dataset("shapes").images))


def shard(branch, **more):
    values = {"classifier": "shapes-vgg", "pairs": 10, "points": 50, "attack": QUICK, "blocks": 2}
    return PairShard(branch=branch, **{**values, **more})


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return Store(tmp_path_factory.mktemp("store"), shipped=None)


@pytest.fixture(scope="module")
def undisturbed(store):
    return run(SMALL, store=store)


def test_real_curves_are_those_of_brute_force(classifier, pixels):
    table, curves = measure_pairs(shard("real"), classifier, SILENT)
    kept = np.flatnonzero(table["outcome"] == KEPT)
    assert len(kept) == len(curves) == 10
    for row, curve in zip(kept, curves, strict=True):
        ends = (pixels[table["first"][row]], pixels[table["second"][row]])
        expected = plain_losses(classifier, *ends, int(table["target"][row]), 50).numpy()
        assert np.allclose(curve, expected, rtol=1e-3, atol=1e-5)
        assert table["height"][row] == curve.max()
        assert table["gap"][row] == curve.max() - max(curve[0], curve[-1])
        assert curve[round(table["position"][row] * 49)] == curve.max()


def test_adversarial_curves_end_in_attacked_images(classifier, pixels):
    table, curves = measure_pairs(shard("adversarial"), classifier, SILENT)
    kept = np.flatnonzero(table["outcome"] == KEPT)
    labels = load_dataset("shapes").labels
    sources = pixels[table["second"][kept]]
    assert (labels[table["second"][kept]] == table["source"][kept]).all()
    assert (table["source"] != table["target"]).all()
    again = attack(
        "adam",
        classifier,
        sources,
        table["source"][kept],
        target=table["target"][kept],
        settings=QUICK.adam,
        reproducible=True,
    )
    assert again.success.all()
    assert np.array_equal(again.l2.numpy(), table["l2"][kept]), "alone or in company: the same bits"
    for row, curve, image in zip(kept, curves, again.images, strict=True):
        start = pixels[table["first"][row]]
        expected = plain_losses(classifier, start, image, int(table["target"][row]), 50).numpy()
        assert np.allclose(curve, expected, rtol=1e-3, atol=1e-5)
        assert table["loss_second"][row] == pytest.approx(curve[-1], abs=1e-6)


@pytest.mark.parametrize("branch", ["real", "adversarial"])
def test_the_filter_keeps_the_pairs_whose_ends_differ_least(classifier, branch):
    spec = shard(branch)
    table, _ = measure_pairs(spec, classifier, SILENT)
    apart = np.abs(table["loss_first"] - table["loss_second"])
    begin = 0
    for block in spec.own_blocks():
        rows = slice(begin, begin + len(block.rows))
        begin = rows.stop
        kept, dropped = (apart[rows][table["outcome"][rows] == word] for word in (KEPT, DROPPED))
        assert len(kept) == block.keep
        assert kept.max() <= dropped.min()


def test_no_bit_depends_on_shards_or_threads(classifier):
    threads = torch.get_num_threads()
    try:
        torch.set_num_threads(2)
        together, curves = measure_pairs(shard("adversarial"), classifier, SILENT)
        torch.set_num_threads(1)
        apart = [
            measure_pairs(shard("adversarial", first=k, blocks=1), classifier, SILENT)
            for k in (0, 1)
        ]
    finally:
        torch.set_num_threads(threads)
    for name, column in together.items():
        joined = np.concatenate([table[name] for table, _ in apart])
        assert np.array_equal(column, joined, equal_nan=column.dtype.kind == "f"), name
    assert np.array_equal(curves, np.concatenate([part for _, part in apart]))


def test_a_sweep_that_was_stopped_goes_on_to_the_same_bits(undisturbed, tmp_path):
    store = Store(tmp_path, shipped=None)

    def stop(step, total, **metrics):
        if step / total > 0.6:
            raise Cancelled

    with pytest.raises(Cancelled):
        run(SMALL, store=store, report=stop)
    done = [part for part in SMALL.shards() if store.find(part.key())]
    assert 1 <= len(done) < len(SMALL.shards())
    resumed = run(SMALL, store=store)
    assert_same(resumed, undisturbed)
    earlier = [store.find(part.key()).environment["seconds"] for part in done]
    assert resumed.environment["seconds"] >= sum(earlier)


def assert_same(one, two):
    for name in one.arrays:
        assert np.array_equal(one.arrays[name], two.arrays[name]), name
    for name in one.tables:
        assert one.tables[name].equals(two.tables[name]), name
    assert one.summary == two.summary


def test_the_record_holds_what_its_pairs_say(undisturbed):
    pairs, curves = undisturbed.tables["pairs"], undisturbed.arrays["curves"]
    assert len(pairs) == len(curves) == 20
    assert np.array_equal(pairs["height"], curves.max(1))
    statistics = undisturbed.tables["statistics"].set_index(["branch", "measure"])
    for branch, own in pairs.groupby("branch"):
        for measure in ("height", "gap"):
            row = statistics.loc[(branch, measure)]
            assert row["mean"] == pytest.approx(own[measure].mean())
            assert row["median"] == pytest.approx(own[measure].median())
            assert row["mean_low"] <= row["mean"] <= row["mean_high"]
    classes = load_dataset("digits").classes
    assert [classes[k] for k in pairs["target"]] == pairs["class"].tolist()
    counts = undisturbed.summary["counts"]
    assert counts["real"] == {"drawn": 14, "kept": 10, "dropped": 4}
    assert counts["adversarial"]["kept"] == 10


def test_real_shards_are_shared_by_all_attacks():
    other = replace(SMALL, attack=AttackSettings(method="fgsm"), targeted=False)
    keys = [{p.key() for p in spec.shards() if p.branch == "real"} for spec in (SMALL, other)]
    assert keys[0] == keys[1]
    assert {p.key() for p in SMALL.shards()} != {p.key() for p in other.shards()}


def test_untargeted_attacks_are_paired_with_the_class_they_land_in(classifier):
    spec = shard("adversarial", attack=AttackSettings(method="bim"), targeted=False)
    table, _ = measure_pairs(spec, classifier, SILENT)
    labels = load_dataset("shapes").labels
    kept = table["outcome"] == KEPT
    assert kept.any()
    assert (table["target"][kept] != table["source"][kept]).all()
    assert (labels[table["first"][kept]] == table["target"][kept]).all()
    assert (table["linf"][kept] <= 0.03 + 1e-6).all()


def test_failed_attacks_and_wrong_images_are_left_out(classifier):
    weak = AttackSettings(adam=AdamSettings(iterations=1))
    table, curves = measure_pairs(shard("adversarial", attack=weak), classifier, SILENT)
    assert set(table["outcome"]) <= {FAILED, MISCLASSIFIED, KEPT}
    assert (table["outcome"] == FAILED).sum() >= 12
    assert len(curves) == (table["outcome"] == KEPT).sum()
    assert np.isnan(table["height"][table["outcome"] != KEPT]).all()


def test_only_correctly_classified_images_where_that_is_asked(classifier):
    name = "untrained:shapes-vgg"
    untrained = load_classifier(name)
    table, _ = measure_pairs(shard("real", classifier=name, images="correct"), untrained, SILENT)
    every, _ = measure_pairs(shard("real", classifier=name), untrained, SILENT)
    assert (table["outcome"] == MISCLASSIFIED).sum() >= 10
    assert (every["outcome"] == KEPT).sum() == 10


def test_an_attack_that_never_succeeds_is_an_error_with_a_way_out(store):
    weak = replace(SMALL, attack=AttackSettings(adam=AdamSettings(iterations=1)), pairs=5)
    with pytest.raises(DataError, match="larger budget"):
        run(weak, store=store)


def test_wrong_specs_are_refused():
    with pytest.raises(ParameterError, match="no-targeted"):
        PairStatistics(attack=AttackSettings(method="deepfool"))
    with pytest.raises(ParameterError, match="pairs"):
        PairStatistics(pairs=0)
    with pytest.raises(DataError, match="fewer pairs"):
        PairStatistics(dataset="digits", classifier="digits-vgg", pairs=900_000).shards()


def test_a_branch_without_pairs_cannot_be_compared():
    pairs = {"branch": ["real"] * 3, "height": [1.0, 2.0, 3.0], "gap": [1.0, 2.0, 3.0]}
    with pytest.raises(DataError, match="No adversarial pair"):
        compare_branches(pairs, 0)


def test_all_attacks_in_one_record(store):
    settings = replace(QUICK, cw=CarliniWagnerSettings(steps=10, searches=1, initial_const=10.0))
    spec = AttackPopulations("digits-vgg", "digits", pairs=5, points=20, attack=settings)
    record = run(spec, store=store)
    attacks = record.tables["attacks"].set_index("attack")
    found = set(attacks.index) | set(record.summary["missing"])
    assert found == {"adam", "fgsm", "bim", "pgd", "deepfool", "cw"}
    assert attacks.loc["deepfool", "success"] > 0.9
    groups = record.tables["pairs"].groupby("group").size()
    for method, key in record.summary["keys"].items():
        own = store.find(key)
        assert own is not None
        assert (own.tables["pairs"]["branch"] == "adversarial").sum() == groups[method]


def test_a_forecast_grows_with_the_pairs(store):
    small, large = (
        run(replace(SMALL, pairs=n).forecast(), store=store).summary for n in (10, 1000)
    )
    for summary, pairs in ((small, 10), (large, 1000)):
        cpu = summary["devices"]["cpu"]
        seconds = cpu["real_s"] + cpu["adversarial_s"]["adam"]
        assert 0 < cpu["real_s"] < cpu["adversarial_s"]["adam"]
        assert cpu["total_s"] == pytest.approx(pairs * seconds)
