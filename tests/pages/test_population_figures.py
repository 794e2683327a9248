"""Figures of populations: what they draw and what their tables say are numpy's own numbers."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from engine.plots.branches import HIGH, LOWER, MOST_OUTLIERS, box_table, outliers
from engine.plots.files import picture
from engine.plots.palette import ADVERSARIAL, REAL
from pages.shared.figures import (
    box_plots,
    distribution_functions,
    histograms,
    mean_curves,
    pair_curve,
    pair_scatter,
    separations,
)
from pages.shared.figures.populations import (
    ACROSS,
    BINS,
    MEAN,
    MEDIAN,
    MOST_POINTS,
    MOST_STEPS,
    QUARTILES,
    band_table,
    distribution,
    function_table,
    histogram_table,
    scatter_table,
)
from tests.pages.populations import PAIRS, population_findings

GAPS = arrays.arrays(
    np.float64, st.integers(1, 60), elements=st.floats(0, 20, allow_subnormal=False)
)


@pytest.fixture
def samples() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(3)
    return {"Real–real": rng.exponential(1, 150), "Real–adversarial": rng.exponential(2, 90)}


@pytest.fixture
def pairs() -> pd.DataFrame:
    return pd.DataFrame(population_findings(2.0).tables["pairs"])


def test_bins_are_shared_and_counts_are_numpys(samples: dict[str, np.ndarray]) -> None:
    table = histogram_table(samples)
    edges = np.linspace(0, max(values.max() for values in samples.values()), BINS + 1)
    for name, values in samples.items():
        own = table[table["branch"] == name]
        assert np.allclose(own["from (nats)"], edges[:-1])
        assert own["pairs"].tolist() == np.histogram(values, edges)[0].tolist()
        assert own["pairs"].sum() == len(values)
        assert own["share (%)"].sum() == pytest.approx(100)


@given(GAPS, GAPS)
def test_no_pair_falls_out_of_the_bins(one: np.ndarray, two: np.ndarray) -> None:
    table = histogram_table({"Real–real": one, "Real–adversarial": two})
    assert table["pairs"].sum() == len(one) + len(two)


@given(GAPS)
def test_the_distribution_function_is_the_share_at_or_below(values: np.ndarray) -> None:
    steps, share = distribution(values)
    assert np.allclose(share, [100 * (values <= step).mean() for step in steps])
    assert share[-1] == pytest.approx(100)


def test_both_functions_reach_from_nothing_to_all(samples: dict[str, np.ndarray]) -> None:
    table = function_table(samples)
    for _, own in table.groupby("branch"):
        assert own["at or below (%)"].is_monotonic_increasing
        assert (own["at or below (%)"].iloc[0], own["at or below (%)"].iloc[-1]) == (0, 100)
    many = function_table({"Real–real": np.arange(5000.0), "Real–adversarial": np.arange(3.0)})
    assert (many["branch"] == "Real–real").sum() == MOST_STEPS + 2


def test_boxes_are_tukeys(samples: dict[str, np.ndarray]) -> None:
    for row in box_table(samples).to_dict("records"):
        values = samples[row["pairs of"]]
        lower, median, upper = np.percentile(values, [25, 50, 75])
        assert (row[LOWER], row["median (nats)"]) == pytest.approx((lower, median))
        reach = 1.5 * (upper - lower)
        inside = values[(values >= lower - reach) & (values <= upper + reach)]
        assert row[HIGH] == inside.max()
        assert row["outliers"] == len(values) - len(inside)


def test_not_every_outlier_of_thousands_is_drawn() -> None:
    values = np.r_[np.zeros(3000), np.arange(1, 701)]
    assert len(outliers({"Real–real": values})) == MOST_OUTLIERS
    _, table = box_plots({"Real–real": values}, "gap")
    assert table["outliers"].tolist() == [700]


def test_bands_are_the_quartiles_at_every_place() -> None:
    rng = np.random.default_rng(4)
    t, curves = np.linspace(0, 1, 250), rng.random((37, 250)).astype(np.float32)
    table = band_table(t, curves)
    assert len(table) == MOST_POINTS
    assert (table["t"].iloc[0], table["t"].iloc[-1]) == (0, 1)
    rows = np.searchsorted(t, table["t"])
    for name, share in ((QUARTILES[0], 25), (MEDIAN, 50), (QUARTILES[1], 75)):
        assert np.allclose(table[name], np.percentile(curves[:, rows], share, axis=0))
    assert np.allclose(table[MEAN], curves[:, rows].mean(0))


def test_a_pairs_barrier_is_marked_where_it_is() -> None:
    findings = population_findings(2.0)
    t, curves = findings.arrays["t"], findings.arrays["curves"]
    chart, table = pair_curve(t, curves[PAIRS], "Real–adversarial", curves[PAIRS:])
    assert "height 2.5, gap 2.5 nats" in json.dumps(chart.to_dict(), ensure_ascii=False)
    assert np.array_equal(table["loss"], curves[PAIRS])


def test_the_scatter_knows_every_pair_and_lifts_one(pairs: pd.DataFrame) -> None:
    chart, table = pair_scatter(pairs, "end", "gap", 7)
    assert table["pair"].tolist() == list(range(2 * PAIRS))
    assert np.allclose(table["Larger end loss (nats)"], pairs["loss_second"])
    words = json.dumps(chart.to_dict())
    assert "datum.pair === 7" in words
    assert '"name": "pick_7"' in words
    drawn = next(iter(chart.to_dict()["datasets"].values()))
    assert drawn[-1]["pair"] == 7


def test_unchanged_images_have_no_size_of_change(pairs: pd.DataFrame) -> None:
    table = scatter_table(pairs, "l2", "gap")
    assert set(table["branch"]) == {"Real–adversarial"}
    assert np.allclose(table[ACROSS["l2"]], pairs["l2"][PAIRS:])


def test_every_figure_leaves_as_a_file(samples: dict[str, np.ndarray], pairs: pd.DataFrame) -> None:
    findings = population_findings(2.0)
    t, curves = findings.arrays["t"], findings.arrays["curves"]
    attacks = pd.DataFrame({"title": ["FGSM"], "auc": 0.6, "auc_low": 0.5, "auc_high": 0.7})
    for chart, _ in (
        histograms(samples, "gap"),
        distribution_functions(samples, "height"),
        box_plots(samples, "gap"),
        mean_curves(t, {"Real–real": curves[:PAIRS], "Real–adversarial": curves[PAIRS:]}),
        pair_curve(t, curves[0], "Real–real", curves[:PAIRS]),
        pair_scatter(pairs, "position", "height", 0),
        separations(attacks),
    ):
        drawn = picture(chart, "svg")
        assert drawn.startswith(b"<svg")
        assert REAL.encode() in drawn or ADVERSARIAL.encode() in drawn
