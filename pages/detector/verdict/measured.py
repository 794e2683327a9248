"""What a detector measures on an image, under its own title and with its own call: the loss curve."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from engine.experiments.detection.results import ATTACK, NO_SIGN
from pages.detector.verdict.judged import Judged
from pages.detector.verdict.sentences import curve_words
from pages.shared.chart_block import chart_block
from pages.shared.figures import curve_over_bands

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
        st.subheader("What the detector that decides measures", anchor=False)
    else:
        st.subheader("What the other detectors measure", anchor=False)
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
