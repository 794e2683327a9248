"""What is drawn of a pair: the verdict, both curves beside the pictures, and everything behind them."""

from __future__ import annotations

from typing import Any

import streamlit as st

from pages.real_real.sentences import straight_words
from pages.real_real.state import DESK
from pages.shared import details, results
from pages.shared.downloads import downloads
from pages.shared.strip import image_strip
from pages.shared.tracks import Pair
from pages.shared.words import duration, nats


def straight_view(pair: Pair) -> None:
    """The straight path alone: what stands between the two pictures."""
    st.subheader("The straight path", anchor=False)
    st.markdown(straight_words(pair))
    _curves_and_pictures(pair)


def result_view(pair: Pair) -> None:
    """A finished search, whole."""
    summary = pair.record.summary
    results.verdict(summary)
    _numbers(summary)
    _curves_and_pictures(pair)
    st.subheader("Along both paths" if pair.final else "Along the path", anchor=False)
    image_strip(pair)
    if pair.final:
        details.new_node(pair)
        left, right = st.columns([11, 9], gap="large")
        with left:
            details.plane(pair, DESK.prefix)
        with right:
            details.trace(pair, DESK.prefix)
        details.rounds(pair)
    st.subheader("Take it with you", anchor=False)
    results.link(pair.record.key)
    downloads(pair, key=DESK.key("get"))


def _numbers(summary: dict[str, Any]) -> None:
    rounds, segments = summary["rounds"], summary["segments"]
    passes = summary["forward_passes"] + summary["backward_passes"]
    with st.grid(4, min_column_width=165):
        st.metric(
            "Peak, straight path",
            nats(summary["height_before"]),
            help="The highest loss on the straight path from A to C. The gap, what it adds to the "
            f"higher of the two ends, is {nats(summary['gap_before'])}.",
            border=True,
        )
        st.metric(
            "Peak, path found",
            nats(summary["height_after"]),
            help="The highest loss on the path found. The threshold is "
            f"{nats(summary['threshold'])}. The gap is {nats(summary['gap_after'])}.",
            border=True,
        )
        st.metric(
            "Rounds",
            str(rounds),
            help="Each round bends every segment whose loss is still above the threshold. The path "
            f"found has {segments} segment{'s' if segments != 1 else ''}.",
            border=True,
        )
        st.metric(
            "Time",
            duration(summary["seconds"]),
            help=f"For the search and its verification: {passes:,} passes of one picture through "
            "the network, forward and backward.",
            border=True,
        )


def _curves_and_pictures(pair: Pair) -> None:
    left, right = st.columns([11, 9], gap="large")
    with left:
        logarithmic = results.scale_choice(DESK.key("scale"))
        results.curves(pair, key=DESK.key("curves"), logarithmic=logarithmic)
    with right:
        results.viewer(pair, key=DESK.key("viewer"))
