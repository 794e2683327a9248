"""The view from its introduction to its figures."""

from __future__ import annotations

import streamlit as st

from pages.detector.benchmark.choice import choice
from pages.detector.benchmark.effort import effort
from pages.detector.benchmark.result import result_view
from pages.detector.benchmark.state import LINK
from pages.shared.sweep import Sweep

SWEEP = Sweep(
    LINK,
    "Images, attacks and detectors",
    choice,
    lambda spec: ("train", spec.split),
    effort,
    result_view,
    "A hundred images show the tendency; the paper's benchmark takes as many as fall for the attack.",
)


def render_benchmark() -> None:
    """The whole view."""
    st.markdown(
        "Correctly classified images are attacked, and every detector has to tell them from "
        "their clean twins (the paper's sec. 4.2.1 and Table 1, after Harder et al. 2021). It learns "
        "from some images and is tested on others."
    )
    with LINK.opened() as link:
        SWEEP.view(link)
