"""One detector at a time: its scores, how it transfers between attacks, one model for all of them."""

from __future__ import annotations

import streamlit as st

from engine.experiments.detection.results import ALL_TOGETHER, BenchmarkResult
from pages.detector.benchmark.notes import lesson_words, transfer_words
from pages.shared.chart_block import chart_block
from pages.shared.figures import lessons, score_histograms, transfer_map


def single(found: BenchmarkResult, pixels: str) -> None:
    """The figures of the chosen detector."""
    st.subheader("One detector", anchor=False)
    with st.grid(2, min_column_width=220):
        name = _choice("Detector", found.titles, "bm_one")
        attack = _choice("Scores of clean images beside", found.attacks, "bm_one_attack")
    left, right = st.columns(2, gap="large")
    with left:
        _scores(found, name, attack)
    with right:
        _transfer(found, pixels, name)
    _lessons(found, pixels, name)


def _choice(label: str, titles: dict[str, str], key: str) -> str:
    names = list(titles)
    if st.session_state.get(key) not in names:
        st.session_state.pop(key, None)
    return st.selectbox(label, names, format_func=titles.__getitem__, key=key) or names[0]


def _scores(found: BenchmarkResult, name: str, attack: str) -> None:
    title, of = found.titles[name], found.attacks[attack]
    st.markdown(f"**Scores: {title}, {of}**")
    table = found.tables["scores"]
    rows = table[(table["detector"] == name) & (table["attack"] == attack)]
    if rows.empty:
        st.caption("No scores were kept for this attack.")
        return
    chart, data = score_histograms(rows)
    counts = rows["attacked"].value_counts()
    chart_block(
        chart,
        data,
        name=f"isthmus-scores-{name}-{attack}-{found.key[:8]}",
        alt_text=f"How the scores of {title} are distributed over clean images and over {of} images",
        key="bm_scores",
        note=f"{int(counts.get(False, 0)):,} clean and {int(counts.get(True, 0)):,} attacked test images "
        "of the first split, pixels as floats. The less the two overlap, the better. Dashed: 0.5, above "
        "which ACC counts an image as attacked.",
    )


def _transfer(found: BenchmarkResult, pixels: str, name: str) -> None:
    title = found.titles[name]
    st.markdown(f"**From one attack to another: {title}**")
    rates = found.rates(name, pixels)
    chart, data = transfer_map(rates, [*found.attacks.values(), ALL_TOGETHER])
    chart_block(
        chart,
        data,
        name=f"isthmus-transfer-{name}-{found.key[:8]}",
        alt_text=f"AUC of {title}: rows the attack it learnt from, columns the attack it is tested on",
        key="bm_transfer",
        note=transfer_words(rates, title),
    )


def _lessons(found: BenchmarkResult, pixels: str, name: str) -> None:
    table = found.tables["intervals"]
    rows = table[(table["detector"] == name) & (table["pixels"] == pixels)]
    rows = rows.assign(tested=rows["attack"].map(found.attacks))
    title = found.titles[name]
    st.markdown(f"**One model for all attacks, or one for each: {title}**")
    chart, data = lessons(rows, list(found.attacks.values()))
    chart_block(
        chart,
        data,
        name=f"isthmus-lessons-{name}-{found.key[:8]}",
        alt_text=f"AUC of {title} on each attack, learnt from that attack alone and from all together",
        key="bm_lessons",
        note=f"{lesson_words(rows, title)} Lines: 95 % intervals. In use nobody knows which attack "
        "comes, so one model for all is what counts.",
    )
