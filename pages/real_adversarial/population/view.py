"""The view from its introduction to its figures: choose, know how long it takes, measure, look."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from engine.experiments.population.attack_populations import AttackPopulations
from engine.experiments.population.spec import PopulationSpec
from pages.real_adversarial.population.attacks import attacks_view
from pages.real_adversarial.population.choice import choice
from pages.real_adversarial.population.result import result_view
from pages.real_adversarial.population.state import ALL, FORMS, LINK, PART
from pages.real_adversarial.population.timing import timing
from pages.shared import service
from pages.shared.fitting import fits
from pages.shared.image_sets import ready
from pages.shared.linked import Linked
from pages.shared.shell import told


def render_population() -> None:
    """The whole view."""
    st.markdown(
        "One pair may be an exception. Here the straight paths of many pairs are measured: *real–real*, "
        "two images of a class; and *real–adversarial*, an image of the class and one of another class "
        "that is attacked until it is seen as the first. The *height* of a barrier is the highest loss "
        "on the path, its *gap* what that adds to the higher end (the paper's sec. 4.2 and Fig. 6)."
    )
    with LINK.opened() as link:
        part = _part()
        if link.job:
            LINK.running(link.job)
        fit = True
        with _box(link), told():
            fit = _controls(part, link)
        with told():
            if link.record and part == ALL:
                attacks_view(link.record)
            elif link.record:
                result_view(link.record)
            elif fit and not link.job:
                _nothing_yet()


def _part() -> str:
    return st.segmented_control(
        "Populations of",
        list(FORMS),
        default=PART.start,
        key=PART.key,
        required=True,
        on_change=LINK.leave,
        persist_state="session",
        label_visibility="collapsed",
    )


def _controls(part: str, link: Linked) -> bool:
    """The widgets and the button; whether the image set fits the classifier, as far as that is known."""
    spec, place = choice(part)
    if spec and ready(spec, spec.dataset, (spec.split,), key="pop_fetch"):
        form = FORMS[part]
        keys = form["classifier"].key, form["dataset"].key
        if not fits((spec.classifier, spec.dataset, spec.split), keys, LINK.leave):
            return False
        _measure(spec, place, link)
    return True


def _box(link: Linked) -> DeltaGenerator:
    if link.record or link.job:
        return st.expander("Pairs and attack", icon=":material/tune:")
    return st.container(border=True)


def _measure(spec: PopulationSpec, place: DeltaGenerator, link: Linked) -> None:
    """The button that starts the sweep, and how long that would take."""
    same = link.spec == spec
    stored = service.found(spec) if not same else None
    if stored and LINK.shown is None:
        LINK.start(spec)
    every = isinstance(spec, AttackPopulations)
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
        if link.spec:
            st.caption(":material/info: The settings differ from those of what is shown below.")
        timing(spec)
    if pressed:
        LINK.start(spec)


def _nothing_yet() -> None:
    st.info(
        "Nothing is measured yet with these settings. Press the button above: the parts of the sweep "
        "are stored as they are done, so it can be stopped and taken up again. A hundred pairs show "
        "the tendency; the paper has 5,000 of each kind.",
        icon=":material/monitoring:",
    )
