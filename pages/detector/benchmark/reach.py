"""How far a detector reaches: what it has not learnt from."""

from __future__ import annotations

from typing import Any

import streamlit as st

from engine.attacks import ATTACKS
from engine.detectors.altering import FAMILIES
from engine.experiments.detection.results import BenchmarkResult
from pages.detector.benchmark.sentences import of_n, percent

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
    own = found.headline(pixels).query("detector == @name")
    st.caption(
        f"AUC in %{of_n(own)}, one model for all attacks, that is given nothing else to look at."
    )


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
