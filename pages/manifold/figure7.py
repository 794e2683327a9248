"""Two very different modes of one class: what they look like, how they grew (the paper's Fig. 7)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from engine.experiments.synthesis.results import ManifoldResult
from engine.images import to_bytes
from engine.records import Record
from pages.detector.verdict.state import ask
from pages.shared.chart_block import chart_block
from pages.shared.downloads import pair_files, take
from pages.shared.figures import growth
from pages.shared.pair import drawing
from pages.shared.words import duration, nats, plain, share

NAMES = {"natural": "A, natural-looking", "pattern": "C, high-frequency pattern"}


def two_modes(record: Record) -> Callable[[], None]:
    """What one sees first of a record of two modes; draws the rest when it is called."""
    found = record.found(ManifoldResult)
    drawing.verdict(found.connected, found.status)
    left, right = st.columns([9, 11], gap="large")
    with left:
        _both(found)
    with right:
        _growth(found)
    if not found.searched:
        return lambda: take(record, "mf_take")
    if found.pictured:
        st.header("The path between them", anchor=False)
        ask(drawing.viewer(found, key="mf_viewer"), found.spec.classifier)
    return lambda: _path(record, found)


def _numbers(found: ManifoldResult) -> None:
    with st.grid(4, min_column_width=165):
        drawing.path_numbers(found)
        drawing.metric(
            "Time",
            duration(found.numbers["seconds"]),
            "For the search of the path and its verification, without making the modes.",
        )


def _both(found: ManifoldResult) -> None:
    st.header(f"Two modes of {plain(found.target_name)}", anchor=False)
    if "modes" not in found.arrays:
        st.caption(
            "This record holds numbers and curves only; the same settings make the pictures anew."
        )
        return
    images = to_bytes(found.images)
    with st.grid(2, min_column_width=110):
        for image, mode in zip(images, found.modes, strict=True):
            sure = f"{share(mode['probability'])} sure, loss {nats(mode['loss'])}"
            seen = sure if mode["converged"] else f"**not a mode**, loss {nats(mode['loss'])}"
            name = NAMES[mode["kind"]]
            drawing.picture(image, f"**{name}**: {seen}", f"Picture {name}")
    st.caption(
        "Both grew from noise, and the classifier is as sure of one as of the other. (The paper's Fig. 7 "
        "calls C mode B.)"
    )


def _growth(found: ManifoldResult) -> None:
    st.header("How they grew", anchor=False)
    chart_block(
        growth(
            found.synthesis,
            [NAMES[mode["kind"]] for mode in found.modes],
            min(found.spec.natural.threshold, found.spec.pattern.threshold),
        ),
        "As the search saw it, for A under random shifts, scales and turns. Below the dashed line a picture "
        "counts as a mode.",
        key="mf_growth",
        of=found.key[:8],
    )


def _path(record: Record, pair: ManifoldResult) -> None:
    """The path between two modes: numbers, curves, pictures, what the search changed."""
    _numbers(pair)
    logarithmic = drawing.scale_choice("mf_scale")
    drawing.curves(pair, key="mf_curves", logarithmic=logarithmic)
    if not pair.final:
        st.caption(
            "The straight path is low enough as it is. Another class or seed may have a barrier."
        )
    drawing.side_by_side(pair, "mf")
    drawing.search(pair, "mf")
    take(record, "mf_take", partial(pair_files, pair))
