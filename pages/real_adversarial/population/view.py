"""The view from its introduction to its figures: choose, know how long it takes, measure, look."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from engine.experiments.population.spec import PopulationSpec
from engine.jobs import Job
from pages.real_adversarial.population import state
from pages.real_adversarial.population.aim import about
from pages.real_adversarial.population.attacks import attacks_view
from pages.real_adversarial.population.choice import SOURCES, choice
from pages.real_adversarial.population.linked import Linked, begin, holds, linked
from pages.real_adversarial.population.result import result_view
from pages.real_adversarial.population.timing import timing
from pages.shared import service
from pages.shared.fitting import fits
from pages.shared.image_sets import ready
from pages.shared.job_panel import job_panel
from pages.shared.shell import told

__all__ = ["holds", "render_population"]


def render_population() -> None:
    """The whole view."""
    st.markdown(
        "One pair may be an exception. Here the straight paths of many pairs are measured: *real–real*, "
        "two images of a class; and *real–adversarial*, an image of the class and one of another class "
        "that is attacked until it is seen as the first. The *height* of a barrier is the highest loss "
        "on the path, its *gap* what that adds to the higher end (the paper's sec. 4.2 and Fig. 6)."
    )
    begin(st.session_state.get("pop_part") or state.ONE)
    link = linked()
    part = _part()
    if link.job:
        _under_way(link.job)
    fit = True
    with _box(link), told():
        spec, place = choice(part)
        if spec and part == state.ONE:
            st.caption(about(spec))
        if spec and ready(spec, spec.dataset, (spec.split,), key="pop_fetch"):
            fit = fits((spec.classifier, spec.dataset, spec.split), SOURCES, state.leave)
            if fit:
                _measure(spec, place, link)
    with told():
        if link.record and part == state.ALL:
            attacks_view(link.record)
        elif link.record:
            result_view(link.record)
        elif fit and not link.job:
            _nothing_yet()


def _part() -> str:
    part: str = st.segmented_control(
        "Populations of",
        list(state.KINDS),
        default=state.ONE,
        key="pop_part",
        bind="query-params",
        required=True,
        on_change=state.leave,
        label_visibility="collapsed",
    )
    return part


def _box(link: Linked) -> DeltaGenerator:
    if link.record or link.job:
        return st.expander("Pairs and attack", icon=":material/tune:")
    return st.container(border=True)


def _measure(spec: PopulationSpec, place: DeltaGenerator, link: Linked) -> None:
    """The button that starts the sweep, and how long that would take."""
    of_link = link.record or link.job
    same = bool(of_link) and of_link is not None and of_link.spec == spec
    stored = service.found(spec) if not same else None
    if stored and state.shown() is None:
        state.show(stored.key)
        st.rerun()
    every = isinstance(spec, state.KINDS[state.ALL])
    label = "Open" if stored else "Measure all attacks" if every else "Measure"
    pressed = place.button(
        label,
        type="primary",
        icon=":material/folder_open:" if stored else ":material/monitoring:",
        key="pop_measure",
        disabled=same,
        help="Opens the stored result."
        if stored
        else "Starts the sweep. It can be stopped, and goes on later from what is measured.",
    )
    if same:
        st.caption(":material/info: These are the settings of what is shown below.")
    elif stored:
        st.caption(":material/info: A population with these settings is stored already.")
    else:
        if of_link:
            st.caption(":material/info: The settings differ from those of what is shown below.")
        timing(spec)
    if pressed:
        _start(spec)


def _start(spec: PopulationSpec) -> None:
    """Submit the sweep, unless it is stored, and make the page's link name its result."""
    if service.found(spec) is None:
        service.submit(spec)
    state.show(spec.key())
    st.rerun()


def _under_way(job: Job) -> None:
    if job_panel(job, key="pop_job"):
        assert isinstance(job.spec, PopulationSpec)
        _start(job.spec)


def _nothing_yet() -> None:
    st.info(
        "Nothing is measured yet with these settings. Press the button above: the parts of the sweep "
        "are stored as they are done, so it can be stopped and taken up again. A hundred pairs show "
        "the tendency; the paper has 5,000 of each kind.",
        icon=":material/monitoring:",
    )
