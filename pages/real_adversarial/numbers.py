"""A result in numbers, each with its unit and with what to compare it to."""

from __future__ import annotations

import streamlit as st

from pages.shared.tracks import Pair
from pages.shared.words import duration, figure, nats


def numbers(pair: Pair, real: Pair) -> None:
    """Six numbers of the path from A to K′ and of the attack, each beside what it compares to."""
    with st.grid(3, min_column_width=165):
        _of_paths(pair, real)
        _of_attack(pair)


def _of_paths(pair: Pair, real: Pair) -> None:
    found, other = pair.numbers, real.numbers
    _metric(
        "Peak, straight path",
        nats(found["height_before"]),
        f"to C: {nats(other['height_before'])}",
        "The highest loss on the straight path from A to K′; below it, that of the one from A to C. "
        "The gaps, what they add to the higher of their ends, are "
        f"{nats(found['gap_before'])} and {nats(other['gap_before'])}.",
    )
    _metric(
        "Peak, path found",
        nats(found["height_after"]),
        f"to C: {nats(other['height_after'])}",
        f"The highest loss on the path found. The threshold is {nats(pair.threshold)}.",
    )
    _metric(
        "Rounds",
        str(found["rounds"]),
        f"to C: {other['rounds']}",
        "Each round bends every segment whose loss is still above the threshold. The paths found "
        f"have {found['segments']} and {other['segments']} segments.",
    )


def _of_attack(pair: Pair) -> None:
    attack, search = pair.record.summary["attack"], pair.record.summary["seconds"]
    passes = attack["forward_passes"] + attack["backward_passes"]
    _metric(
        "Change, L2",
        figure(attack["l2"]),
        f"A to K: {figure(attack['apart'])}",
        "Euclidean length of K′ − K, each colour value counting from 0 to 1; below it, the "
        "distance from A to K.",
    )
    _metric(
        "Change, L∞",
        figure(255 * attack["linf"]),
        "of 255 levels",
        f"The largest change of any colour value: {figure(attack['linf'])} of its range.",
    )
    _metric(
        "Time",
        duration(attack["seconds"] + search),
        f"attack {duration(attack['seconds'])}",
        f"For the attack, {passes:,} passes of one picture through the network, forward and "
        f"backward, and for the search from A to K′, {duration(search)}.",
    )


def _metric(label: str, value: str, beside: str, words: str) -> None:
    """A number with what to compare it to below it."""
    st.metric(
        label,
        value,
        delta=beside,
        delta_color="off",
        delta_arrow="off",
        help=words,
        border=True,
    )
