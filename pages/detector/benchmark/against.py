"""What detectors meet beside the attacks: altered pictures, and an attacker who knows."""

from __future__ import annotations

import streamlit as st

from engine.experiments.detection.results import BenchmarkResult
from pages.detector.benchmark.notes import adaptive_words, negatives_words
from pages.detector.benchmark.sentences import of_n, percent
from pages.shared.chart_block import chart_block
from pages.shared.figures import alarm_bars, detection_rates, falls, roc_curves
from pages.shared.figures.benchmarks import SIDE
from pages.shared.views import one_of


def against(found: BenchmarkResult, pixels: str) -> None:
    """The figures of the chosen attack."""
    st.header("Detected against false positives", anchor=False)
    attack = one_of("Attack", found.attacks, "bm_roc_attack", label_visibility="visible")
    of = f"{attack}-{found.key[:8]}"
    headline = found.headline(pixels)
    rows = headline[headline["attack"] == attack]
    table = found.tables["curves"]
    curves = table[(table["pixels"] == pixels) & (table["attack"] == attack)]
    areas = dict(zip(rows["title"], rows["auc"], strict=True))
    with st.container(horizontal=True, gap="large"):
        with st.container(width=SIDE):
            chart_block(
                roc_curves(found.with_titles(curves), areas),
                f"By each name its AUC in %{of_n(rows)}. On the dashed line one guesses.",
                key="bm_roc",
                of=of,
                width="content",
            )
        with st.container(width="stretch"):
            best = rows.loc[rows["detected_1"].idxmax()]
            chart_block(
                detection_rates(rows[["title", "detected_1", "detected_5"]]),
                f"At 1 % false positives, {best['title']} detects most: "
                f"{percent(best['detected_1'])} %{of_n(rows)}.",
                key="bm_detected",
                of=of,
            )


def negatives(found: BenchmarkResult) -> None:
    """Clean images that no detector learnt from and that it might take for attacked."""
    table = found.with_titles(found.harder())
    if table.empty:
        return
    st.markdown("**Harder clean images**")
    chart_block(alarm_bars(table), negatives_words(table), key="bm_negatives", of=found.key[:8])


def adaptive(found: BenchmarkResult) -> None:
    """An attack that knows the detector, where the benchmark has one."""
    if "adaptive" not in found.tables:
        return
    table = found.with_titles(found.tables["adaptive"])
    if table.empty:
        return
    st.markdown("**An attack that knows the detector**")
    chart_block(falls(table), adaptive_words(table), key="bm_adaptive", of=found.key[:8])
