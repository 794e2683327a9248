"""What is drawn of a pair: the verdict, what the attack changed, both paths, and everything behind them."""

from __future__ import annotations

import streamlit as st

from engine.records import Record
from pages.real_adversarial.attacked import attack_steps, attacked, perturbation_plane
from pages.real_adversarial.sentences import found_words, straight_words
from pages.real_adversarial.state import DESK
from pages.shared import details, results
from pages.shared.downloads import downloads
from pages.shared.strip import image_strip, node_strip
from pages.shared.tracks import Pair
from pages.shared.words import duration, figure, nats


def straight_view(record: Record) -> None:
    """The attack and the straight path alone."""
    pair, real = Pair.of(record), Pair.compared(record)
    st.subheader("The straight path from A to K′", anchor=False)
    st.markdown(straight_words(pair, real))
    attacked(record)
    _curves(pair, real)
    results.viewer(pair, key=DESK.key("viewer"))


def result_view(record: Record) -> None:
    """A finished search, whole."""
    pair, real = Pair.of(record), Pair.compared(record)
    results.verdict(record.summary)
    st.markdown(found_words(pair, real))
    _numbers(pair, real)
    if not pair.pictured:
        st.info(
            "This record holds no pictures, only curves and numbers. Turn on Keep pictures under "
            "More settings, and connect again, to see them.",
            icon=":material/hide_image:",
        )
    else:
        attacked(record)
    _curves(pair, real)
    if pair.pictured:
        _pictures(pair)
    _planes(pair)
    left, right = st.columns(2, gap="large")
    with left:
        details.rounds(pair, "Rounds from A to K′")
    with right:
        details.rounds(real, "Rounds from A to C")
    st.subheader("Take it with you", anchor=False)
    results.link(record.key)
    downloads(pair, key=DESK.key("get"))


def _curves(pair: Pair, real: Pair) -> None:
    """The curves of both pairs side by side, on one scale."""
    st.subheader("Loss along the paths from A", anchor=False)
    logarithmic = results.scale_choice(DESK.key("scale"))
    highest = max(float(track.loss.max()) for track in (*pair.tracks, *real.tracks))
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown("**From A to the adversarial K′**")
        results.curves(pair, key=DESK.key("curves"), logarithmic=logarithmic, highest=highest)
    with right:
        st.markdown("**From A to the real C**")
        results.curves(real, key=DESK.key("real_curves"), logarithmic=logarithmic, highest=highest)


def _pictures(pair: Pair) -> None:
    left, right = st.columns([9, 11], gap="large")
    with left:
        st.subheader("Along the path", anchor=False)
        results.viewer(pair, key=DESK.key("viewer"))
    with right:
        st.subheader("The nodes of the path", anchor=False)
        node_strip(pair)
    st.subheader("Along both paths" if pair.final else "Along the path", anchor=False)
    image_strip(pair)


def _planes(pair: Pair) -> None:
    left, right = st.columns(2, gap="large")
    with left:
        perturbation_plane(pair)
        attack_steps(pair)
    if pair.final:
        with right:
            details.plane(pair, DESK.prefix)
            details.trace(pair, DESK.prefix)


def _numbers(pair: Pair, real: Pair) -> None:
    numbers, other = pair.numbers, real.numbers
    summary = pair.record.summary
    attack, search = summary["attack"], summary["seconds"]
    passes = attack["forward_passes"] + attack["backward_passes"]
    with st.grid(3, min_column_width=165):
        _metric(
            "Peak, straight path",
            nats(numbers["height_before"]),
            f"to C: {nats(other['height_before'])}",
            "The highest loss on the straight path from A to K′; below it, that of the one from A to C. "
            "The gaps, what they add to the higher of their ends, are "
            f"{nats(numbers['gap_before'])} and {nats(other['gap_before'])}.",
        )
        _metric(
            "Peak, path found",
            nats(numbers["height_after"]),
            f"to C: {nats(other['height_after'])}",
            f"The highest loss on the path found. The threshold is {nats(pair.threshold)}.",
        )
        _metric(
            "Rounds",
            str(numbers["rounds"]),
            f"to C: {other['rounds']}",
            "Each round bends every segment whose loss is still above the threshold. The paths found "
            f"have {numbers['segments']} and {other['segments']} segments.",
        )
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
