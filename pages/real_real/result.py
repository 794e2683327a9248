"""What is drawn of a pair: the verdict, both curves beside the pictures, and everything behind them."""

from __future__ import annotations

from functools import partial

import streamlit as st

from engine.experiments.pair.results import PairResult
from engine.records import Record
from pages.detector.verdict.state import ask
from pages.real_real.pictures import DESK
from pages.shared.downloads import pair_files, take
from pages.shared.pair import drawing
from pages.shared.words import duration, nats, plain, share


def lead(record: Record) -> None:
    """What one sees first: how it ended, the map with the pictures along the paths, or their curves."""
    pair = record.found(PairResult)
    if pair.final:
        drawing.verdict(pair.connected, pair.status, drawing.ADVICE)
        ask(drawing.viewer(pair, key=DESK.key("viewer")), pair.spec.classifier)
        return
    DESK.follow(pair.target_name)
    st.markdown(straight_words(pair))
    _curves_and_pictures(pair)


def straight_view(record: Record) -> None:
    """Nothing has been searched, so there is no more to show."""


def result_view(record: Record) -> None:
    """A finished search, whole."""
    pair, prefix = record.found(PairResult), DESK.form.prefix
    _numbers(pair)
    if pair.final:
        _curves(pair)
    drawing.side_by_side(pair, prefix)
    drawing.search(pair, prefix)
    take(record, DESK.key("get"), partial(pair_files, pair))


def _numbers(pair: PairResult) -> None:
    with st.grid(4, min_column_width=165):
        drawing.path_numbers(pair)
        drawing.metric(
            "Time",
            duration(pair.numbers["seconds"]),
            f"For the search and its verification: {pair.passes:,} passes of one picture through the "
            "network, forward and backward.",
        )


def _curves_and_pictures(pair: PairResult) -> None:
    left, right = st.columns([11, 9], gap="large")
    with left:
        _curves(pair)
    with right:
        drawing.viewer(pair, key=DESK.key("viewer"))


def _curves(pair: PairResult) -> None:
    logarithmic = drawing.scale_choice(DESK.key("scale"))
    drawing.curves(pair, key=DESK.key("curves"), logarithmic=logarithmic)


def straight_words(pair: PairResult) -> str:
    """The straight path in a sentence or two."""
    summary = pair.summary
    height, threshold = summary["height_before"], summary["threshold"]
    ends = " and ".join(
        f"{letter} ({share(summary[slot]['probability'])} sure, loss {nats(summary[slot]['loss'])})"
        for slot, letter in (("first", "A"), ("second", "C"))
    )
    words = f"The classifier sees **{plain(pair.target_name)}** in {ends}."
    if height <= threshold:
        return (
            f"{words} On the straight path between them the loss never exceeds {nats(height)}: they "
            "are connected already. Choose another pair to see a barrier."
        )
    top = pair.straight.top
    seen = pair.label(int(pair.straight.prediction[top]))
    doubt = "is unsure" if seen == pair.target_name else f"sees **{plain(seen)}**"
    return (
        f"{words} Between them stands a barrier: the loss rises to **{nats(height)}**, where the "
        f"classifier {doubt}. Connect bends the path around it."
    )
