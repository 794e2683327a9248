"""Detectors against one attack or all: ROC curves, and what is detected at few false positives."""

from __future__ import annotations

import streamlit as st

from engine.experiments.detection.results import BenchmarkResult
from pages.detector.benchmark.sentences import percent
from pages.shared.chart_block import chart_block
from pages.shared.figures import detection_rates, roc_curves
from pages.shared.one_of import one_of

ALL, FEW = "All rates", "Up to 10 %"


def against(found: BenchmarkResult, pixels: str) -> None:
    """The figures of the chosen attack."""
    st.subheader("Detected against the false-positive rate", anchor=False)
    attack = one_of("Attack", found.attacks, "bm_roc_attack", label_visibility="visible")
    of = f"{attack}-{found.key[:8]}"
    left, right = st.columns([6, 5], gap="large")
    with left:
        few = one_of("False-positive rate", (ALL, FEW), "bm_roc_few") == FEW
        table = found.tables["curves"]
        rows = table[(table["pixels"] == pixels) & (table["attack"] == attack)]
        chart_block(
            roc_curves(found.with_titles(rows), list(found.titles.values()), few),
            "How steeply does a line rise at the left, where false positives are few? On the dashed line "
            "one guesses. A click on a name singles it out.",
            key="bm_roc",
            of=of,
        )
    with right:
        st.markdown("**At false-positive rates of 1 % and 5 %**")
        headline = found.headline(pixels)
        rows = headline[headline["attack"] == attack]
        best = rows.loc[rows["detected_1"].idxmax()]
        chart_block(
            detection_rates(rows[["title", "detected_1", "detected_5"]]),
            f"At 1 % false positives, {best['title']} detects most: {percent(best['detected_1'])} %.",
            key="bm_detected",
            of=of,
        )
