"""What is drawn of a pair: the verdict, what the attack changed, both paths, and everything behind them."""

from __future__ import annotations

from functools import partial

import streamlit as st

from engine.experiments.pair.results import AdversarialResult
from engine.records import Record
from pages.detector.verdict.state import ask
from pages.real_adversarial.attacked import attack_loss, attacked, perturbation_plane
from pages.real_adversarial.desk import DESK
from pages.real_adversarial.sentences import attack_words, found_words, straight_words
from pages.shared.downloads import pair_files, take
from pages.shared.fold import fold
from pages.shared.pair import drawing
from pages.shared.words import duration, figure


def lead(record: Record) -> None:
    """What one sees first: the attack, in pictures where the record holds any."""
    pair = record.found(AdversarialResult)
    if pair.pictured:
        attacked(record, pair)
        return
    st.markdown(attack_words(pair))
    st.info(
        "This record holds no pictures, only curves and numbers. Turn on Keep pictures under "
        "More settings, and connect again, to see them.",
        icon=":material/hide_image:",
    )


def straight_view(record: Record) -> None:
    """The straight path from A to K′, where nothing has been searched."""
    pair = record.found(AdversarialResult)
    st.header("What stands between A and K′", anchor=False)
    st.markdown(straight_words(pair))
    _curves(pair)
    drawing.viewer(pair, key=DESK.key("viewer"))


def result_view(record: Record) -> None:
    """A finished search, whole."""
    pair = record.found(AdversarialResult)
    st.header("What stands between A and K′", anchor=False)
    st.markdown(found_words(pair))
    drawing.verdict(pair.connected, pair.status, drawing.ADVICE)
    _curves(pair)
    _numbers(pair)
    st.header("Along the path", anchor=False)
    ask(drawing.viewer(pair, key=DESK.key("viewer")), pair.spec.classifier)
    drawing.side_by_side(pair, DESK.form.prefix)
    title = "The attack and the search, step by step"
    fold(title, "query_stats", DESK.key("depth"), partial(_depth, pair))
    take(record, DESK.key("get"), partial(pair_files, pair))


def _depth(pair: AdversarialResult) -> None:
    """The plane and the loss of the attack, and what every round of the search did."""
    left, right = st.columns(2, gap="large")
    with left:
        perturbation_plane(pair)
        attack_loss(pair)
        if pair.final:
            drawing.trace(pair, DESK.form.prefix)
    with right:
        drawing.rounds(pair, "Rounds from A to K′")
        if pair.real:
            drawing.rounds(pair.real, "Rounds from A to C")


def _numbers(pair: AdversarialResult) -> None:
    """Six numbers of the path from A to K′ and of the attack, each beside what it compares to."""
    attack, search = pair.attack, pair.numbers["seconds"]
    passes = attack.forward_passes + attack.backward_passes
    with st.grid(3, min_column_width=165):
        drawing.path_numbers(pair, pair.real)
        drawing.metric(
            "Change, L2",
            figure(attack.l2),
            "Euclidean length of K′ − K, each colour value counting from 0 to 1; below it, the "
            "distance from A to K.",
            f"A to K: {figure(attack.apart)}",
        )
        drawing.metric(
            "Change, L∞",
            figure(255 * attack.linf),
            f"The largest change of any colour value: {figure(attack.linf)} of its range.",
            "of 255 levels",
        )
        drawing.metric(
            "Time",
            duration(attack.seconds + search),
            f"For the attack, {passes:,} passes of one picture through the network, forward and "
            f"backward, and for the search from A to K′, {duration(search)}.",
            f"attack {duration(attack.seconds)}",
        )


def _curves(pair: AdversarialResult) -> None:
    """The curves of both pairs side by side, on one scale."""
    logarithmic = drawing.scale_choice(DESK.key("scale"))
    real = pair.real
    tracks = (*pair.tracks, *(real.tracks if real else ()))
    highest = max(float(track.loss.max()) for track in tracks)
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown("**From A to the adversarial K′**")
        drawing.curves(pair, key=DESK.key("curves"), logarithmic=logarithmic, highest=highest)
    with right:
        if real is None:
            st.caption(
                "The set has no other picture of A's class, so there is no C to compare with."
            )
            return
        st.markdown("**From A to the real C**")
        drawing.curves(real, key=DESK.key("real_curves"), logarithmic=logarithmic, highest=highest)
