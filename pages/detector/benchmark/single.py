"""One detector at a time: its scores, what it rests on, how it does on what it was never shown."""

from __future__ import annotations

import streamlit as st

from engine.experiments.detection.results import ALL_TOGETHER, BenchmarkResult
from pages.detector.benchmark.reach import reach
from pages.detector.benchmark.sentences import lesson_words, of_n, transfer_words
from pages.shared.chart_block import chart_block
from pages.shared.figures import lessons, score_histograms, transfer_map


def single(found: BenchmarkResult, pixels: str) -> None:
    """The figures of the chosen detector."""
    with st.grid(2, min_column_width=220):
        name = _choice("Detector", found.titles, "bm_one")
        attack = _choice("Scores of clean images beside", found.attacks, "bm_one_attack")
    title = found.titles[name]
    table = found.tables["intervals"]
    rows = table[(table["detector"] == name) & (table["pixels"] == pixels)]
    rows = rows.assign(tested=rows["attack"].map(found.attacks))
    left, right = st.columns([2, 3], gap="large")
    with left:
        st.markdown(f"**Scores: {title}, {found.attacks[attack]}**")
        _scores(found, name, attack)
    with right:
        st.markdown(f"**From one attack to another: {title}**")
        rates = found.rates(name, pixels)
        chart_block(
            transfer_map(rates, [*found.attacks.values(), ALL_TOGETHER]),
            transfer_words(rates, title, of_n(rows)),
            key="bm_transfer",
            of=f"{name}-{found.key[:8]}",
            alt_text=f"AUC of {title}: rows the attack it learnt from, columns the attack it is tested on",
        )
    st.markdown(f"**One model for all attacks, or one for each: {title}**")
    chart_block(
        lessons(rows, list(found.attacks.values())),
        f"{lesson_words(rows, title)} With 95 % intervals{of_n(rows)}. In use nobody knows which "
        "attack comes.",
        key="bm_lessons",
        of=f"{name}-{found.key[:8]}",
    )
    reach(found, name, pixels)


def _choice(label: str, titles: dict[str, str], key: str) -> str:
    names = list(titles)
    if st.session_state.get(key) not in names:
        st.session_state.pop(key, None)
    return st.selectbox(label, names, format_func=titles.__getitem__, key=key)


def _scores(found: BenchmarkResult, name: str, attack: str) -> None:
    table = found.tables["scores"]
    rows = table[(table["detector"] == name) & (table["attack"] == attack)]
    if rows.empty:
        st.caption("No scores were kept for this attack.")
        return
    counts = rows["attacked"].value_counts()
    chart_block(
        score_histograms(rows),
        f"{int(counts.get(False, 0)):,} clean and {int(counts.get(True, 0)):,} attacked test images of the "
        "first split, pixels as floats. Dashed: 0.5, above which ACC counts an image as attacked.",
        key="bm_scores",
        of=f"{name}-{attack}-{found.key[:8]}",
    )
