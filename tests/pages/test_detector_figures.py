"""Figures of detectors: what is drawn is what was measured, in both colours and shapes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from engine.plots.files import picture
from engine.plots.histograms import score_table
from pages.shared.figures import (
    accuracy_against_cost,
    alarm_bars,
    curve_over_bands,
    detection_rates,
    falls,
    lessons,
    logits_over_bands,
    opinion_dots,
    roc_curves,
    score_histograms,
    transfer_map,
)
from pages.shared.figures.benchmarks import COLORS
from pages.shared.figures.verdicts import MOST_LOGITS, OWN

NAMES = ["A", "B"]
BANDS = np.stack([np.stack([k + np.zeros(5), k + np.ones(5), k + 2 * np.ones(5)]) for k in (0, 3)])


def opinions() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "title": NAMES,
            "false_alarm": [0.002, 0.5],
            "score": [3.0, 0.1],
            "attack": [True, False],
        }
    )


def curves() -> pd.DataFrame:
    x = np.linspace(0, 1, 21)
    parts = [pd.DataFrame({"title": n, "false_alarms": x, "detected": x}) for n in NAMES]
    return pd.concat(parts)


def rates() -> pd.DataFrame:
    return pd.DataFrame(
        {"trained": ["A", "B", "All together"], "tested": ["A", "A", "A"], "auc": [0.9, 0.6, 0.85]}
    )


def intervals() -> pd.DataFrame:
    values = {"auc": [0.9, 0.8], "auc_low": [0.85, 0.7], "auc_high": [0.95, 0.9]}
    return pd.DataFrame({"tested": ["A", "A"], "trained": ["own", "all"], **values})


def scores() -> pd.DataFrame:
    return pd.DataFrame({"attacked": [False] * 4 + [True] * 2, "score": [0, 0.1, 0.2, 0.6, 0.9, 1]})


def costs() -> pd.DataFrame:
    numbers = {"milliseconds": [0.1, 30.0], "passes": [0, 65], "auc": [0.7, 0.9]}
    return pd.DataFrame({"title": NAMES, **numbers})


def negatives() -> pd.DataFrame:
    return pd.DataFrame(
        {"title": NAMES, "kind": ["wrong", "noisy"], "images": [9, 9], "alarms": [0.02, 0.3]}
    )


def known() -> pd.DataFrame:
    return pd.DataFrame({"title": NAMES, "plain": [0.9, 0.8], "adaptive": [0.5, 0.7]})


FIGURES: dict[str, Callable[[], Any]] = {
    "curve": lambda: curve_over_bands(np.arange(5.0), BANDS),
    "logits": lambda: logits_over_bands(np.arange(5.0), BANDS),
    "opinions": lambda: opinion_dots(opinions(), 0.05),
    "roc": lambda: roc_curves(curves(), dict.fromkeys(NAMES, 0.9)),
    "rates": lambda: detection_rates(
        pd.DataFrame({"title": NAMES, "detected_1": [0.1, 0.2], "detected_5": [0.3, 0.4]})
    ),
    "transfer": lambda: transfer_map(rates(), ["A", "B", "All together"]),
    "lessons": lambda: lessons(intervals(), NAMES),
    "scores": lambda: score_histograms(scores()),
    "costs": lambda: accuracy_against_cost(costs(), "passes"),
    "negatives": lambda: alarm_bars(negatives()),
    "falls": lambda: falls(known()),
}


@pytest.mark.parametrize("name", FIGURES)
def test_every_figure_can_be_taken_away_as_a_file(name: str) -> None:
    chart, data = FIGURES[name]()
    assert len(data) > 0
    assert picture(chart, "svg").startswith(b"<svg")


def test_the_image_lies_over_both_bands() -> None:
    _, table = curve_over_bands(np.arange(5.0), BANDS)
    own = table[table["images"] == OWN]
    assert own["t"].tolist() == [0, 0.25, 0.5, 0.75, 1]
    assert own["loss (nats)"].tolist() == [0, 1, 2, 3, 4]
    clean = table[table["images"] == "Clean"]
    assert clean["decile 1"].eq(0).all()
    assert clean["decile 9"].eq(2).all()


def test_logits_fall_and_of_many_classes_the_first_are_drawn() -> None:
    many = np.random.default_rng(0).normal(size=100)
    _, table = logits_over_bands(many, np.zeros((2, 3, 100)))
    own = table.loc[table["images"] == OWN, "logit"]
    assert len(own) == MOST_LOGITS
    assert own.is_monotonic_decreasing
    assert own.iloc[0] == many.max()


def test_a_detectors_opinion_has_a_shape_of_its_own() -> None:
    chart, table = opinion_dots(opinions(), 0.05)
    assert table["call"].tolist() == ["Attack", "No sign of an attack"]
    dots = chart.to_dict()["layer"][-1]["encoding"]
    assert dots["shape"]["field"] == dots["color"]["field"] == "call"


def test_the_best_detector_is_named_on_top_in_a_square() -> None:
    spec = roc_curves(curves(), {NAMES[0]: 0.8, NAMES[1]: 0.9})[0].to_dict()
    assert spec["width"] == spec["height"]
    words = spec["datasets"][spec["layer"][-1]["data"]["name"]]
    top = max(words, key=lambda row: row["detected (%)"])
    assert (top["title"], top["words"]) == (NAMES[1], f"{NAMES[1]} 90.0")


def test_detectors_beyond_the_colours_get_another_dash() -> None:
    names = [str(k) for k in range(len(COLORS) + 1)]
    layers = roc_curves(curves(), dict.fromkeys(names, 0.9))[0].to_dict()["layer"]
    lines = layers[1]["encoding"]
    colors, dashes = (lines[channel]["scale"]["range"] for channel in ("color", "strokeDash"))
    assert colors[0] == colors[-1]
    assert dashes[0] != dashes[-1]
    assert len({(c, tuple(d)) for c, d in zip(colors, dashes, strict=True)}) == len(names)


def test_histograms_share_their_bins_and_lose_no_image() -> None:
    table = score_table(scores())
    totals = table.groupby("images")["count"].sum()
    assert totals.to_dict() == {"Clean": 4, "Attacked": 2}
    assert table.groupby("images")["share (%)"].sum().to_numpy() == pytest.approx([100, 100])
    assert (table["from"].min(), table["to"].max()) == (0, 1)
    unbounded = scores().assign(score=lambda rows: 10 * rows["score"])
    assert score_table(unbounded)["to"].max() == 10
    assert len(score_table(scores().assign(score=3.0))) > 0


def test_no_passes_find_a_place_on_a_logarithmic_axis() -> None:
    chart, table = accuracy_against_cost(costs(), "passes")
    assert table["passes"].tolist() == [0, 65]
    drawn = chart.to_dict()["datasets"].values()
    assert min(row["across"] for rows in drawn for row in rows) > 0
