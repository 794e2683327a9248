"""The view from its introduction to its figures: choose, know what it takes, measure, look."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from engine.experiments.detection.detection import Detection
from engine.jobs import Job
from pages.detector.benchmark.choice import SOURCES, choice
from pages.detector.benchmark.effort import effort
from pages.detector.benchmark.result import result_view
from pages.detector.benchmark.state import LINKS, untouched
from pages.detector.linked import Linked
from pages.shared import service
from pages.shared.fitting import fits
from pages.shared.image_sets import ready
from pages.shared.job_panel import job_panel
from pages.shared.shell import told


def render_benchmark() -> None:
    """The whole view."""
    st.markdown(
        "Correctly classified images are attacked, and every detector has to tell them from "
        "their clean twins (the paper's sec. 4.2.1 and Table 1, after Harder et al. 2021). It learns "
        "from some images and is tested on others."
    )
    _begin()
    link = LINKS.linked()
    if link.job:
        _under_way(link.job)
    fit = True
    with _box(link), told():
        spec, place = choice()
        if spec and ready(spec, spec.dataset, ("train", spec.split), key="bm_fetch"):
            fit = fits((spec.classifier, spec.dataset, spec.split), SOURCES, LINKS.leave)
            if fit:
                _measure(spec, place, link)
    with told():
        if link.record:
            result_view(link.record)
        elif fit and not link.job:
            _nothing_yet()


def _begin() -> None:
    """On a first visit, follow the link to the shipped benchmark of the default classifier, if any."""
    if LINKS.shown() or not untouched():
        return
    for record in service.shipped(Detection.kind):
        if record.spec.to_dict()["classifier"] == Detection().classifier:
            LINKS.open(record.key)
            return


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
        _start(spec)


def _start(spec: Detection) -> None:
    """Submit the benchmark, unless it is stored, and make the page's link name its result."""
    if service.found(spec) is None:
        service.submit(spec)
    LINKS.show(spec.key())
    st.rerun()


def _under_way(job: Job) -> None:
    if job_panel(job, key="bm_job"):
        assert isinstance(job.spec, Detection)
        _start(job.spec)


def _nothing_yet() -> None:
    st.info(
        "Nothing is measured yet with these settings. Press Measure above: the parts are stored as they "
        "are done, so it can be stopped and taken up again. A hundred images show the tendency; the "
        "paper's benchmark takes as many as fall for the attack.",
        icon=":material/monitoring:",
    )
