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


@pytest.mark.parametrize(("level", "z"), [(0.95, 1.95996), (0.8, 1.28155)])
def test_intervals_are_as_wide_as_their_level_says(level, z):
    """Of a normal sample's mean: z standard errors to either side; of its median sqrt(pi / 2) times that."""
    values = stats.norm.ppf((np.arange(2000) + 0.5) / 2000)
    found = summarise(values, generator(0, "bootstrap"), resamples=2000, level=level)
    half = z * values.std() / np.sqrt(2000)
    assert found.mean_high - found.mean_low == pytest.approx(2 * half, rel=0.1)
    assert found.mean_high + found.mean_low == pytest.approx(0, abs=0.15 * half)
    widened = np.sqrt(np.pi / 2) * half
    assert found.median_high - found.median_low == pytest.approx(2 * widened, rel=0.15)
    one, two = values - 0.5, values + 0.5
    narrow, wide = compare(one, two, level), compare(one, two, 0.999)
    assert wide.auc_low < narrow.auc_low < narrow.auc < narrow.auc_high < wide.auc_high
    ratio = (narrow.auc_high - narrow.auc_low) / (wide.auc_high - wide.auc_low)
    assert ratio == pytest.approx(z / stats.norm.ppf(0.9995), rel=1e-4)


def test_intervals_are_of_95_percent_unless_another_level_is_asked_for():
    values = generator(1, "sample").normal(size=50)
    asked, unasked = (
        summarise(values, generator(0, "bootstrap"), **level) for level in ({"level": 0.95}, {})
    )
    assert asked == unasked
    assert compare(values, values + 1, 0.95) == compare(values, values + 1)


def test_quartiles_are_quarters():
    found = summarise(np.arange(101.0), generator(0, "bootstrap"))
    assert (found.lower_quartile, found.upper_quartile) == (25, 75)


def test_equal_samples_do_not_differ():
    found = compare(np.full(5, 2.0), np.full(7, 2.0))
    assert (found.auc, found.cohens_d, found.mann_whitney_p, found.ks_p) == (0.5, 0, 1, 1)


def test_nothing_cannot_be_summarised():
    with pytest.raises(DataError, match="empty"):
        summarise(np.array([]), generator(0, "nothing"))


def test_a_single_value_is_its_own_interval():
    found = summarise(np.array([2.5]), generator(0, "one"))
    assert (found.mean_low, found.mean_high, found.deviation) == (2.5, 2.5, 0)
