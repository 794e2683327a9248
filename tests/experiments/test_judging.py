"""The protocol: who learns from what, and rates that agree with their definitions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from engine.detectors.altering import Altered
from engine.experiments.detection.computing import judging
from engine.experiments.detection.computing.judging import (
    ALL,
    CURVE,
    Judged,
    Rates,
    Samples,
    Split,
    detection,
    fit_on,
    interval,
    judge,
    rate_on,
    roc,
)
from engine.progress import SILENT
from tests.detectors.listening import KIND, NUMBER, Listening, Telling, numbers, rows

DRAWS = np.random.default_rng(0)


@given(count=st.integers(20, 500), seed=st.integers(0, 99))
def test_a_split_deals_every_image_once_in_the_shares_asked_for(count, seed):
    split = Split.drawn(count, 0.64, 0.16, seed)
    dealt = split.learning.astype(int) + split.choosing + split.testing
    assert (dealt == 1).all()
    assert abs(split.learning.sum() - 0.64 * count) <= 1
    assert abs(split.testing.sum() - 0.2 * count) <= 1


def test_another_seed_deals_other_images():
    first, again, other = (Split.drawn(100, 0.64, 0.16, seed).testing for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_twins_stay_together_and_only_attacks_that_succeed_count():
    clean = np.arange(10.0)[:, None]
    samples = Samples(
        clean,
        {"a": clean + 100, "b": clean + 200},
        {"a": np.arange(10) % 2 == 0, "b": np.arange(10) < 3},
    )
    side = np.arange(10) < 5
    own_clean, own = samples.pairs("a", side)
    assert own_clean.ravel().tolist() == [0, 2, 4]
    assert own.ravel().tolist() == [100, 102, 104]
    all_clean, every = samples.pairs(ALL, side)
    assert all_clean.ravel().tolist() == [0, 1, 2, 3, 4]
    assert sorted(every.ravel().tolist()) == [100, 102, 104, 200, 201, 202]


def test_altered_copies_are_learnt_from_as_clean_on_their_image_s_side():
    clean = np.arange(10.0)[:, None]
    origin, families = np.arange(30) % 10, np.repeat(["noise", "blur", "jpeg"], 10)
    copies = Altered(1000 + np.arange(30.0)[:, None], origin, families, origin % 2 > 0)
    attacked = {"bim": clean + 100, "deepfool": clean + 200, "deepfool-margin": clean + 300}
    samples = Samples(clean, attacked, dict.fromkeys(attacked, np.ones(10, bool)), copies)
    side = np.arange(10) < 2
    learnt, _ = samples.lesson(ALL, side)
    assert learnt.ravel().tolist() == [0, 1, 1000, 1001, 1010, 1011, 1020, 1021]
    learnt, _ = samples.lesson(ALL, side, without="blur")
    assert learnt.ravel().tolist() == [0, 1, 1000, 1001, 1020, 1021]
    assert samples.pairs("bim", side)[0].ravel().tolist() == [0, 1], "none of them is tested on"
    assert list(samples.but("deepfool").attacked) == ["bim"], "nor with another margin"


def test_of_a_detector_that_learns_from_altered_ones_every_clean_image_sets_the_rate_unseen(
    monkeypatch,
):
    """Also the test images; an image, its copies and what attacks made of it are left out together."""
    monkeypatch.setattr(Telling, "learns_altered", True)
    count = 40
    copies, spoilt = (
        Altered(rows(range(500, 540), k), np.arange(40), np.full(40, "blur"), np.arange(40) > 19)
        for k in (0, 1)
    )
    attacked = {"bim": rows(range(count), 1)}
    won = {"bim": np.ones(count, dtype=bool)}
    samples = Samples(rows(range(count)), attacked, won, copies, {"bim": spoilt})
    split = Split.drawn(count, 0.64, 0.16, 3)
    detector = Telling()
    fit_on(detector, samples, split, ALL, 0)
    kept, asked = detector.model, []
    monkeypatch.setattr("engine.detectors.base.hardest", lambda own: asked.append(own) or own[0])
    rate_on(detector, samples, split, 0)
    assert detector.model is kept
    told = asked[-1]
    assert [len(own) for own in told] == [40, 20, 20]
    for own, first in zip(told, (0, 500, 520), strict=True):
        assert sorted((own * 1024).round().astype(int)) == list(range(first, first + len(own)))


def test_what_is_looked_at_alone_hides_all_else():
    draws = DRAWS.normal(size=(3, 4, 5))
    altered = Altered(draws[2], np.arange(4), np.full(4, "blur"), np.arange(4) > 1)
    samples = Samples(draws[0], {"bim": draws[1]}, {"bim": np.ones(4, bool)}, altered)
    alone = samples.seen_through(slice(1, 3))
    for seen, whole in zip(
        (alone.clean, alone.attacked["bim"], alone.altered.features), draws, strict=True
    ):
        assert np.array_equal(seen[:, 1:3], whole[:, 1:3])
        assert not seen[:, [0, 3, 4]].any()


def test_rates_are_their_definitions():
    clean, attacked = DRAWS.uniform(0, 0.8, 200), DRAWS.uniform(0.3, 1, 150)
    rates = Rates.of(clean, attacked)
    truth = np.repeat([0, 1], [200, 150])
    scores = np.concatenate([clean, attacked])
    assert rates.auc == pytest.approx(roc_auc_score(truth, scores))
    assert rates.accuracy == pytest.approx(((scores > 0.5) == truth).mean())
    for share, found in ((0.01, rates.detected_1), (0.05, rates.detected_5)):
        threshold = np.sort(clean)[-1 - int(share * 200)]
        assert (clean > threshold).mean() <= share
        assert found == pytest.approx((attacked > threshold).mean(), abs=0.02)


@given(seed=st.integers(0, 50), share=st.sampled_from([0.0, 0.01, 0.05, 0.3, 1.0]))
def test_false_alarms_never_exceed_what_was_allowed(seed, share):
    clean = np.random.default_rng(seed).integers(0, 20, 90) / 20
    threshold = np.quantile(clean, 1 - share, method="higher")
    assert (clean > threshold).mean() <= share + 1e-12
    assert detection(clean, clean, share) == (clean > threshold).mean()


def test_a_score_on_the_border_is_clean():
    rates = Rates.of(np.array([0.5, 0.5, 0.1]), np.array([0.5, 0.9, 0.9]))
    assert rates.accuracy == pytest.approx(5 / 6)
    assert detection(np.full(10, 0.5), np.array([0.5, 0.6]), 0.2) == 0.5


def test_detection_rates_are_told_at_the_false_alarms_that_name_them():
    """Of clean scores 1 to 100, none lies above 100 and four above 96: at most 1 %, and at most 5 %."""
    clean = np.arange(1.0, 101)
    rates = Rates.of(clean, np.array([94.5, 96.5, 99.5, 200]))
    assert (rates.detected_1, rates.detected_5) == (0.25, 0.75)


def test_a_curve_of_perfect_scores_is_one_and_of_equal_ones_rises_never_above_chance():
    low, high = DRAWS.uniform(0, 0.4, 50), DRAWS.uniform(0.6, 1, 50)
    assert roc(low, high, CURVE).min() == 1
    assert (roc(low, low, CURVE) <= CURVE + 1e-12).all()


def test_intervals_hold_the_mean_and_shrink_with_images():
    def width(count):
        scores = [(DRAWS.normal(0.4, 0.2, count), DRAWS.normal(0.6, 0.2, count)) for _ in range(2)]
        found = interval(scores, seed=1)
        for name, (low, high) in found.items():
            mean = np.mean([getattr(Rates.of(*pair), name) for pair in scores])
            assert low <= mean <= high
        return found["auc"][1] - found["auc"][0]

    assert width(1000) < width(30)


COUNT = 60
SAMPLES = Samples(
    rows(range(COUNT)),
    {"a": rows(range(COUNT), 1), "b": rows(range(COUNT), 2)},
    {"a": np.arange(COUNT) % 4 > 0, "b": np.arange(COUNT) % 3 > 0},
)
SPLITS = [Split.drawn(COUNT, 0.64, 0.16, seed) for seed in range(3)]
TRAININGS = {"a": ("a",), "b": ("b",), ALL: ("a", "b")}
KINDS = {"a": 1, "b": 2}


@pytest.fixture(scope="module")
def heard() -> tuple[Listening, Judged]:
    detector = Listening()
    return detector, judge(detector, SAMPLES, SPLITS, 5, SILENT)


def test_a_detector_learns_and_chooses_on_their_sides_and_never_on_the_test(heard):
    models = iter(heard[0].models)
    for split in SPLITS:
        for attacks in TRAININGS.values():
            model = next(models)
            for told, side in ((model.learnt, split.learning), (model.chose, split.choosing)):
                won = {attack: np.flatnonzero(side & SAMPLES.success[attack]) for attack in attacks}
                for attack, own in won.items():
                    assert numbers(told, KINDS[attack]) == own.tolist()
                clean = np.flatnonzero(side) if len(attacks) > 1 else won[attacks[0]]
                assert numbers(told, 0) == clean.tolist()
                assert set(told[:, KIND]) == {0, *(KINDS[attack] for attack in attacks)}
                assert not set(told[:, NUMBER]) & set(np.flatnonzero(split.testing))
    assert next(models, None) is None


def test_false_alarms_are_counted_on_images_that_chose_and_not_on_those_learnt_from(heard):
    detector, _ = heard
    chose = detector.models[-1].chose
    expected = detector.score_features(chose[chose[:, KIND] == 0])
    assert np.array_equal(detector.clean_scores, np.sort(expected))


def test_scores_are_those_of_test_images_and_twins_by_the_model_in_question(heard):
    for (tested, trained), parts in heard[1].scores.items():
        offset = 3 if trained == "all" else KINDS[tested]
        for (clean, attacked), split in zip(parts, SPLITS, strict=True):
            own = np.flatnonzero(split.testing & SAMPLES.success[tested])
            assert np.array_equal(clean, offset + own / 1024)
            assert np.array_equal(attacked, clean + KINDS[tested])
    assert set(heard[1].scores) == {(a, t) for a in ("a", "b") for t in ("own", "all")}


def test_every_rate_is_that_of_the_model_which_its_row_names(heard):
    assert len(heard[1].rates) == 3 * 3 * 2
    for row in heard[1].rates:
        split = SPLITS[row["split"]]
        own = np.flatnonzero(split.testing & SAMPLES.success[row["attack"]])
        offset = sum(KINDS[attack] for attack in TRAININGS[row["trained"]])
        clean = offset + own / 1024
        expected = Rates.of(clean, clean + KINDS[row["attack"]])
        assert row["pairs"] == len(own)
        assert (row["accuracy"], row["auc"]) == (expected.accuracy, expected.auc)


def test_every_split_has_a_seed_of_its_own_derived_from_the_one_given(heard):
    per_split = [{model.seed for model in heard[0].models[k : k + 3]} for k in (0, 3, 6)]
    assert all(len(own) == 1 for own in per_split)
    assert len(set.union(*per_split)) == 3
    other = Listening()
    judge(other, SAMPLES, SPLITS, 6, SILENT)
    assert not {model.seed for model in other.models} & set.union(*per_split)


@pytest.fixture
def quick(monkeypatch):
    """Few draws, where an interval's width does not matter."""
    monkeypatch.setattr(judging, "RESAMPLES", 20)


@pytest.mark.usefixtures("quick")
def test_means_and_curves_are_over_all_splits():
    low, high = np.linspace(0, 0.4, 20), np.linspace(0.6, 1, 20)
    judged = Judged()
    judged.scores["a", "own"] = [(low, high), (high, low)]
    (row,) = judged.intervals(0)
    assert (row["attack"], row["trained"]) == ("a", "own")
    assert (row["auc"], row["accuracy"]) == (0.5, 0.5)
    assert np.allclose(judged.curve("a", "own")[CURVE < 1], 0.5)


@pytest.mark.usefixtures("quick")
def test_a_bootstrap_draws_twins_together():
    """Of every pair one is called correctly, so of whatever pairs are drawn, half of all images are."""
    trusting = np.arange(40) % 2 == 0
    clean, attacked = np.where(trusting, 0.1, 0.9), np.where(trusting, 0.2, 0.8)
    assert interval([(clean, attacked)] * 2, seed=0)["accuracy"] == (0.5, 0.5)


@pytest.mark.parametrize(("level", "z"), [(0.95, 1.95996), (0.8, 1.28155)])
@pytest.mark.parametrize("splits", [1, 4])
def test_a_bootstrap_interval_is_as_wide_as_theory_says(monkeypatch, level, z, splits):
    """Pairs of which both are called correctly, or neither: a share of 0.7 among 400, in each split."""
    monkeypatch.setattr(judging, "RESAMPLES", 1000)
    monkeypatch.setattr(judging.Rates, "of", staticmethod(accuracy_alone))
    right = np.arange(400) < 280
    pair = np.where(right, 0.1, 0.9), np.where(right, 0.9, 0.1)
    low, high = interval([pair] * splits, seed=1, level=level)["accuracy"]
    deviation = np.sqrt(0.7 * 0.3 / 400 / splits)
    assert (low + high) / 2 == pytest.approx(0.7, abs=0.3 * deviation)
    assert high - low == pytest.approx(2 * z * deviation, rel=0.1)


def accuracy_alone(clean: np.ndarray, attacked: np.ndarray) -> Rates:
    """Rates without the area, which takes most of the time."""
    return Rates(float(np.concatenate([clean <= 0.5, attacked > 0.5]).mean()), 0, 0, 0)


@pytest.mark.usefixtures("quick")
def test_an_interval_is_95_percent_and_hangs_on_the_seed_alone():
    scores = [(DRAWS.normal(0.4, 0.2, 60), DRAWS.normal(0.6, 0.2, 60))]
    assert interval(scores, seed=1) == interval(scores, seed=1) == interval(scores, 1, 0.95)
    assert interval(scores, seed=1) != interval(scores, seed=2)
