"""One image, whole: its verdict, who agrees with it, what else was measured, and what is context only."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from engine.experiments.detection.results import ATTACK, CANNOT_JUDGE, NO_SIGN
from pages.detector.verdict.agreement import agreement_words
from pages.detector.verdict.context import SIDE, context
from pages.detector.verdict.judged import Judged
from pages.detector.verdict.reasons import reasons
from pages.detector.verdict.sentences import (
    curve_words,
    flat_words,
    opinion_words,
    seen_words,
    verdict_words,
)
from pages.shared.chart_block import chart_block
from pages.shared.figures import curve_over_bands, opinion_dots
from pages.shared.fold import fold
from pages.shared.strip import data_uri
from pages.shared.words import meaning, plain, spaced

BOXES = {
    ATTACK: (st.error, ":material/gpp_bad:"),
    CANNOT_JUDGE: (None, ":material/visibility_off:"),
    NO_SIGN: (st.success, ":material/verified_user:"),
}
"""How each verdict is told, the worst first."""


def judged(found: Judged, image: int) -> None:
    """One image with its verdict."""
    shown, said = st.columns([1, 3], gap="large")
    row = found.row(image)
    with shown:
        st.image(
            data_uri(found.picture(image), SIDE),
            caption=f"{plain(row['name'])}, as the classifier sees it",
            width=SIDE,
            alt=f"{row['name']}, seen as {row['class']}",
        )
    with said:
        _verdict(found, image)


def why(found: Judged, image: int) -> None:
    """What the verdict on an image rests on, and what every detector makes of it."""
    reasons(found, image)
    fold("What each detector says", "groups", "dt_says", partial(_opinions, found, image))
    title = "Context: its logits, and the nearest known images"
    fold(title, "scatter_plot", "dt_context", partial(context, found, image))


def _verdict(found: Judged, image: int) -> None:
    row = found.row(image)
    words = verdict_words(row, found.spec.false_alarms)
    told_as(row["verdict"], words)
    if row["verdict"] != CANNOT_JUDGE:
        st.markdown(spaced(found.because(image)), help=meaning("score", "path"))
        attack = bool(row["attack"])
        st.markdown(agreement_words(found.against[image], found.titles, found.decider, attack))
    st.markdown(f"{seen_words(row)}.")
    if row["doubts"]:
        st.warning(f"**Take this with care.** {plain(row['doubts'])}", icon=":material/help:")


def told_as(call: str, words: str) -> None:
    """A verdict's words in its colour: red, grey or green."""
    box, icon = BOXES[call]
    if box:
        box(words, icon=icon)
    else:
        st.container(border=True).markdown(f"{icon} {words}")


def _paper(found: Judged, image: int) -> str:
    attack = found.says_attack(CURVES, image)
    if found.calls[image] != ATTACK or attack is not False or "curves" not in found.arrays:
        return ""
    return flat_words(found.arrays["curves"][image], found.arrays["curve_bands"])


def _opinions(found: Judged, image: int) -> None:
    """What every detector says, beside what the others than the one that decides measure."""
    left, right = st.columns(2, gap="large")
    with left:
        _dots(found, image)
    with right:
        if measures := measured(found, image):
            measures()


def _dots(found: Judged, image: int) -> None:
    opinions = found.opinions(image)
    words = opinion_words(opinions, found.titles[found.decider], _paper(found, image))
    chart_block(
        opinion_dots(opinions, found.spec.false_alarms),
        words,
        key="dt_opinions",
        of=f"{found.key[:8]}-{image}",
        alt_text="False-positive rate of every detector for this image, on a logarithmic scale",
    )


CURVES = "mode-connectivity"
"""The detector that the loss curve is a feature of."""


def measured(found: Judged, image: int) -> Callable[[], None] | None:
    """What draws the features that a record holds; None where it holds none of any detector."""
    attack = found.says_attack(CURVES, image)
    if attack is None or "curves" not in found.arrays:
        return None
    return lambda: _measured(found, image, attack)


def _measured(found: Judged, image: int, attack: bool) -> None:
    decides, title = found.decider == CURVES, found.titles[CURVES]
    if decides:
        st.header("What the detector that decides measures", anchor=False)
    else:
        st.header("What the other detectors measure", anchor=False)
        st.caption(
            f"The verdict is that of {found.titles[found.decider]}, and what is shown here did not decide it."
        )
    st.markdown(f"**{title}: {(ATTACK if attack else NO_SIGN).lower()}**")
    curve, bands = found.arrays["curves"][image], found.arrays["curve_bands"]
    chart_block(
        curve_over_bands(curve, bands),
        curve_words(curve, bands),
        key="dt_curve",
        of=f"{found.key[:8]}-{image}",
        alt_text=f"The feature of {title}: loss along the straight path from this image to a reference "
        "of its predicted class, over the bands of clean and of attacked images",
    )
