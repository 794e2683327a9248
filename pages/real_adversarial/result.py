"""What is drawn of a pair: the verdict, what the attack changed, both paths, and everything behind them."""

from __future__ import annotations

import streamlit as st

from engine.records import Record
from pages.real_adversarial.attacked import attack_steps, attacked, perturbation_plane
from pages.real_adversarial.numbers import numbers
from pages.real_adversarial.sentences import found_words, straight_words
from pages.real_adversarial.state import DESK
from pages.shared import details, results
from pages.shared.downloads import downloads
from pages.shared.strip import image_strip, node_strip
from pages.shared.tracks import Pair


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
    numbers(pair, real)
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
