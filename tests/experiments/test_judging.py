"""The protocol: who learns from what, and rates that agree with their definitions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from engine.experiments.judging import ALL, CURVE, Rates, Samples, Split, detection, interval, roc

DRAWS = np.random.default_rng(0)


@given(count=st.integers(20, 500), seed=st.integers(0, 99))
def test_a_split_deals_every_image_once_in_the_shares_asked_for(count, seed):
    split = Split.drawn(count, 0.64, 0.16, seed)
    dealt = split.learning.astype(int) + split.choosing + split.testing
    assert (dealt == 1).all()
    assert abs(split.learning.sum() - 0.64 * count) <= 1
    assert abs(split.testing.sum() - 0.2 * count) <= 1


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
