"""Detectors against one attack or all: ROC curves, and what is detected at few false positives."""

from __future__ import annotations

import streamlit as st

from engine.experiments.detection.results import BenchmarkResult
from pages.detector.benchmark.sentences import percent
from pages.shared.chart_block import chart_block
from pages.shared.figures import detection_rates, roc_curves

ALL, FEW = "All rates", "Up to 10 %"


def against(found: BenchmarkResult, pixels: str) -> None:
    """The figures of the chosen attack."""
    st.subheader("Detected against the false-positive rate", anchor=False)
    attack = _attack(found)
    left, right = st.columns([6, 5], gap="large")
    with left:
        _roc(found, pixels, attack)
    with right:
        _rates(found, pixels, attack)


def _attack(found: BenchmarkResult) -> str:
    names = list(found.attacks)
    chosen = st.segmented_control(
        "Attack",
        names,
        default=names[0],
        format_func=found.attacks.__getitem__,
        key="bm_roc_attack",
        required=True,
    )
    return chosen if chosen in names else names[0]


def _roc(found: BenchmarkResult, pixels: str, attack: str) -> None:
    few = st.segmented_control(
        "False-positive rate",
        (ALL, FEW),
        default=ALL,
        key="bm_roc_few",
        required=True,
        label_visibility="collapsed",
    )
    table = found.tables["curves"]
    rows = table[(table["pixels"] == pixels) & (table["attack"] == attack)]
    chart, data = roc_curves(found.with_titles(rows), list(found.titles.values()), few == FEW)
    title = found.attacks[attack]
    chart_block(
        chart,
        data,
        name=f"isthmus-roc-{attack}-{found.key[:8]}",
        alt_text=f"Share of {title} images detected against the false-positive rate, "
        "a line for each detector",
        key="bm_roc",
        note="What to look at: how steeply a line rises at the left, where false positives are few. On the "
        "dashed line one guesses. A click on a name in the legend singles it out.",
    )


def _rates(found: BenchmarkResult, pixels: str, attack: str) -> None:
    st.markdown("**At false-positive rates of 1 % and 5 %**")
    headline = found.headline(pixels)
    rows = headline[headline["attack"] == attack]
    chart, data = detection_rates(rows[["title", "detected_1", "detected_5"]])
    best = rows.loc[rows["detected_1"].idxmax()]
    title = found.attacks[attack]
    chart_block(
        chart,
        data,
        name=f"isthmus-detected-{attack}-{found.key[:8]}",
        alt_text=f"Share of {title} images that each detector detects at false-positive rates of 1 % and 5 %",
        key="bm_detected",
        note="Who would use a detector can bear few false positives, and an AUC does not tell how it does "
        f"there. At 1 % of them, {best['title']} detects most: {percent(best['detected_1'])} %.",
    )
