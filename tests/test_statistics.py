"""Statistics against brute force, closed forms and SciPy's own."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from engine.errors import DataError
from engine.random import generator
from engine.statistics import compare, summarise

samples = st.lists(st.integers(0, 9), min_size=2, max_size=25)


@settings(max_examples=60, deadline=None)
@given(samples, samples)
def test_the_auc_is_the_share_of_ordered_pairs(one, two):
    wins = [1.0 if b > a else 0.5 if b == a else 0.0 for a in one for b in two]
    found = compare(np.array(one), np.array(two))
    assert found.auc == pytest.approx(np.mean(wins))
    assert found.cliffs_delta == pytest.approx(2 * np.mean(wins) - 1)
    assert 0 <= found.auc_low <= found.auc <= found.auc_high <= 1


@settings(max_examples=40, deadline=None)
@given(samples, samples)
def test_swapping_the_samples_turns_the_comparison_around(one, two):
    there, back = compare(np.array(one), np.array(two)), compare(np.array(two), np.array(one))
    assert there.auc == pytest.approx(1 - back.auc)
    assert there.cohens_d == pytest.approx(-back.cohens_d)
    assert there.mann_whitney_p == pytest.approx(back.mann_whitney_p)


def test_cohens_d_and_the_tests_by_hand():
    one, two = np.array([1.0, 2.0, 3.0]), np.array([3.0, 4.0, 5.0])
    found = compare(one, two)
    assert found.cohens_d == pytest.approx(2.0)  # both variances are 1, the means 2 apart
    assert found.auc == pytest.approx(8.5 / 9)
    assert found.ks == pytest.approx(2 / 3)
    assert found.mann_whitney_p == pytest.approx(stats.mannwhitneyu(two, one).pvalue)


def test_the_auc_s_interval_covers_the_truth_as_often_as_it_says():
    truth = stats.norm.cdf(1 / np.sqrt(2))
    draws = generator(0, "coverage")
    hits = 0
    for _ in range(400):
        found = compare(draws.normal(size=60), draws.normal(1, size=60))
        hits += found.auc_low <= truth <= found.auc_high
    assert 0.91 <= hits / 400 <= 0.98


def test_a_summary_agrees_with_numpy_and_its_intervals_with_theory():
    values = generator(1, "sample").normal(3, 2, size=400)
    found = summarise(values, generator(0, "bootstrap"))
    assert (found.count, found.mean, found.median) == (400, values.mean(), np.median(values))
    assert found.deviation == pytest.approx(values.std(ddof=1))
    half = 1.96 * values.std(ddof=1) / 20
    assert found.mean_low == pytest.approx(values.mean() - half, abs=0.05)
    assert found.mean_high == pytest.approx(values.mean() + half, abs=0.05)
    assert found.median_low < found.median < found.median_high
    assert summarise(values, generator(0, "bootstrap")) == found


def test_equal_samples_do_not_differ():
    found = compare(np.full(5, 2.0), np.full(7, 2.0))
    assert (found.auc, found.cohens_d, found.mann_whitney_p, found.ks_p) == (0.5, 0, 1, 1)


def test_nothing_cannot_be_summarised():
    with pytest.raises(DataError, match="empty"):
        summarise(np.array([]), generator(0, "nothing"))


def test_a_single_value_is_its_own_interval():
    found = summarise(np.array([2.5]), generator(0, "one"))
    assert (found.mean_low, found.mean_high, found.deviation) == (2.5, 2.5, 0)
