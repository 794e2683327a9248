"""The view from its introduction to its figures: choose, know what it takes, measure, look."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from engine.experiments.detection.detection import Detection
from pages.detector.benchmark.choice import choice
from pages.detector.benchmark.effort import effort
from pages.detector.benchmark.result import result_view
from pages.detector.benchmark.state import FORM, LINK
from pages.shared import service
from pages.shared.fitting import fits
from pages.shared.image_sets import ready
from pages.shared.linked import Linked
from pages.shared.shell import told


def render_benchmark() -> None:
    """The whole view."""
    st.markdown(
        "Correctly classified images are attacked, and every detector has to tell them from "
        "their clean twins (the paper's sec. 4.2.1 and Table 1, after Harder et al. 2021). It learns "
        "from some images and is tested on others."
    )
    with LINK.opened() as link:
        if link.job:
            LINK.running(link.job)
        fit = True
        with _box(link), told():
            fit = _controls(link)
        with told():
            if link.record:
                result_view(link.record)
            elif fit and not link.job:
                _nothing_yet()


def _controls(link: Linked) -> bool:
    """The widgets and the button; whether the image set fits the classifier, as far as that is known."""
    spec, place = choice()
    if spec and ready(spec, spec.dataset, ("train", spec.split), key="bm_fetch"):
        keys = FORM["classifier"].key, FORM["dataset"].key
        if not fits((spec.classifier, spec.dataset, spec.split), keys, LINK.leave):
            return False
        _measure(spec, place, link)
    return True


def _box(link: Linked) -> DeltaGenerator:
    if link.record or link.job:
        return st.expander("Images, attacks and detectors", icon=":material/tune:")
    return st.container(border=True)


def _measure(spec: Detection, place: DeltaGenerator, link: Linked) -> None:
    """The button that starts the benchmark, and what it takes."""
    same = link.spec == spec
    stored = service.found(spec) if not same else None
    pressed = place.button(
        "Open" if stored else "Measure",
        type="primary",
        icon=":material/folder_open:" if stored else ":material/monitoring:",
        key="bm_measure",
        disabled=same,
        help="Opens the stored result."
        if stored
        else "Starts the benchmark. It can be stopped, and goes on later from what is done.",
    )
    if same:
        st.caption(":material/info: These are the settings of what is shown below.")
    elif stored:
        st.caption(":material/info: A benchmark with these settings is stored already.")
    else:
        if link.spec:
            st.caption(":material/info: The settings differ from those of what is shown below.")
        effort(spec)
    if pressed:
        LINK.start(spec)


def _nothing_yet() -> None:
    st.info(
        "Nothing is measured yet with these settings. Press Measure above: the parts are stored as they "
        "are done, so it can be stopped and taken up again. A hundred images show the tendency; the "
        "paper's benchmark takes as many as fall for the attack.",
        icon=":material/monitoring:",
    )
