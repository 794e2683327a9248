"""Two very different modes of one class: what they look like, how they grew (the paper's Fig. 7)."""

from __future__ import annotations

from typing import Any

import streamlit as st

from engine.images import to_bytes
from engine.records import Record
from pages.manifold.path import path_between
from pages.manifold.pictures import picture
from pages.shared.chart_block import chart_block
from pages.shared.figures.trace import growth
from pages.shared.tracks import Pair
from pages.shared.words import duration, nats, share

NAMES = {"natural": "A, natural-looking", "pattern": "C, high-frequency pattern"}


def two_modes(record: Record) -> None:
    """A record of two modes, whole; or why there is no path between them."""
    summary = record.summary
    (st.success if summary["connected"] else st.warning)(
        summary["status"],
        icon=":material/check_circle:" if summary["connected"] else ":material/warning:",
    )
    found = "nodes_0" in record.arrays
    if found:
        _numbers(summary)
    left, right = st.columns([9, 11], gap="large")
    with left:
        _both(record)
    with right:
        _growth(record)
    if found:
        path_between(Pair.of(record))


def _numbers(summary: dict[str, Any]) -> None:
    with st.grid(4, min_column_width=165):
        st.metric(
            "Peak, straight path",
            nats(summary["height_before"]),
            help="The highest loss on the straight path from A to C.",
            border=True,
        )
        st.metric(
            "Peak, path found",
            nats(summary["height_after"]),
            help="The highest loss on the path found. The threshold is "
            f"{nats(summary['threshold'])}.",
            border=True,
        )
        st.metric(
            "Rounds",
            str(summary["rounds"]),
            help="In the paper one round is enough, and no secondary barrier is left.",
            border=True,
        )
        st.metric(
            "Time",
            duration(summary["seconds"]),
            help="For the search of the path and its verification, without making the modes.",
            border=True,
        )


def _both(record: Record) -> None:
    summary = record.summary
    st.subheader(f"Two modes of {summary['target_name']}", anchor=False)
    images = to_bytes(record.arrays["modes"])
    with st.grid(2, min_column_width=110):
        for image, mode in zip(images, summary["modes"], strict=True):
            sure = f"{share(mode['probability'])} sure, loss {nats(mode['loss'])}"
            verdict = sure if mode["converged"] else f"**not a mode**, loss {nats(mode['loss'])}"
            name = NAMES[mode["kind"]]
            picture(image, f"**{name}**: {verdict}", f"Picture {name}")
    st.caption(
        "Look at how little they have in common: A has edges and shapes of its class, C looks like "
        "noise, and the classifier is as sure of one as of the other. Both grew from noise. (C is "
        "mode B of the paper's Fig. 7; here B is the top of the barrier, as on every page.)"
    )


def _growth(record: Record) -> None:
    st.subheader("How they grew", anchor=False)
    modes = record.summary["modes"]
    settings = record.spec.to_dict()
    chart, data = growth(
        record.tables["synthesis"],
        [NAMES[mode["kind"]] for mode in modes],
        min(settings[kind]["threshold"] for kind in NAMES),
    )
    chart_block(
        chart,
        data,
        name=f"isthmus-growth-{record.key[:8]}",
        alt_text="Loss of both pictures against the step of their optimisation",
        key="mf_growth",
        note="The loss of each picture as the search saw it, for A under random shifts, scales and "
        "turns. Below the dashed line a picture counts as a mode.",
    )
