"""One detector at a time: its scores, what it rests on, how it does on what it was never shown."""

from __future__ import annotations

from typing import Any

import streamlit as st

from engine.attacks import ATTACKS
from engine.detectors.altering import FAMILIES
from engine.experiments.detection.results import ALL_TOGETHER, BenchmarkResult
from pages.detector.benchmark.sentences import lesson_words, percent, transfer_words
from pages.shared.chart_block import chart_block
from pages.shared.figures import lessons, score_histograms, transfer_map


def single(found: BenchmarkResult, pixels: str) -> None:
    """The figures of the chosen detector."""
    with st.grid(2, min_column_width=220):
        name = _choice("Detector", found.titles, "bm_one")
        attack = _choice("Scores of clean images beside", found.attacks, "bm_one_attack")
    title = found.titles[name]
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown(f"**Scores: {title}, {found.attacks[attack]}**")
        _scores(found, name, attack)
    with right:
        st.markdown(f"**From one attack to another: {title}**")
        rates = found.rates(name, pixels)
        chart_block(
            transfer_map(rates, [*found.attacks.values(), ALL_TOGETHER]),
            transfer_words(rates, title),
            key="bm_transfer",
            of=f"{name}-{found.key[:8]}",
            alt_text=f"AUC of {title}: rows the attack it learnt from, columns the attack it is tested on",
        )
    table = found.tables["intervals"]
    rows = table[(table["detector"] == name) & (table["pixels"] == pixels)]
    rows = rows.assign(tested=rows["attack"].map(found.attacks))
    st.markdown(f"**One model for all attacks, or one for each: {title}**")
    chart_block(
        lessons(rows, list(found.attacks.values())),
        f"{lesson_words(rows, title)} With 95 % intervals. In use nobody knows which attack comes.",
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


KINDS = {
    "plain": "plain",
    "wrong": "plain, misclassified",
    "altered wrong": "altered, misclassified since",
}
"""What kinds of clean images are called that are not altered ones still correctly classified."""


def reach(found: BenchmarkResult, name: str, pixels: str) -> None:
    """The tables of the chosen detector, as far as its record has them."""
    _aspects(found, name, pixels)
    left, right = st.columns(2, gap="large")
    with left:
        _kinds(found, name)
    with right:
        _unlearnt(found, name)


def _aspects(found: BenchmarkResult, name: str, pixels: str) -> None:
    table = found.aspects(name, pixels)
    if table.empty:
        return
    st.markdown(f"**What it rests on: {found.titles[name]}**")
    columns = {found.attacks.get(one, one.capitalize()): table[one] for one in table}
    st.table(
        {
            "Looking at": [one.capitalize() for one in table.index],
            **{title: [percent(value) for value in own] for title, own in columns.items()},
        },
        alt="AUC in % of each thing that the detector looks at, alone and all together, by attack",
    )
    st.caption("AUC in %, one model for all attacks, that is given nothing else to look at.")


def _kinds(found: BenchmarkResult, name: str) -> None:
    table = found.tables["negatives"]
    rows = table[table["detector"] == name]
    if "low" not in rows or rows.empty:
        return
    st.markdown(f"**Clean images that are called attacks: {found.titles[name]}**")
    st.table(
        {
            "Clean images": [KINDS.get(kind, kind) for kind in rows["kind"]],
            "Images": [f"{count:,}" for count in rows["images"]],
            "Called attacks (%)": [_with_span(row, "alarms") for row in rows.to_dict("records")],
        },
        alt="Share of clean images that are called attacks, by what was done to them",
    )
    st.caption(
        "At a false-positive rate set to 5 %, with 95 % intervals; on images that no detector learnt "
        "from. Where nothing else is said, they are still correctly classified."
    )


def _unlearnt(found: BenchmarkResult, name: str) -> None:
    if "unlearnt" not in found.tables:
        return
    table = found.tables["unlearnt"]
    rows = table[table["detector"] == name]
    if rows.empty:
        return
    st.markdown(f"**What it was never shown: {found.titles[name]}**")
    words = {"auc": "AUC", "alarms": "called attacks"}
    st.table(
        {
            "Left out of learning": [_left_out(one) for one in rows["left_out"]],
            "Images": [f"{count:,}" for count in rows["images"]],
            "In %": [
                f"{words[row['measure']]} {_with_span(row, 'value')}"
                for row in rows.to_dict("records")
            ],
        },
        alt="How the detector does on each attack, and each kind of clean image, left out of learning",
    )
    st.caption(
        "Of attacks, as 8-bit files, how well they are told from their clean twins; of altered clean "
        "images how many are called attacks. With 95 % intervals, one split."
    )


def _left_out(name: str) -> str:
    return ATTACKS[name].title if name in ATTACKS else f"clean images: {_family(name)}"


def _family(name: str) -> str:
    return {"jpeg": "JPEG"}.get(name, name) if name in FAMILIES else name


def _with_span(row: dict[Any, Any], name: str) -> str:
    return f"{percent(row[name])} ({percent(row['low'])} to {percent(row['high'])})"
