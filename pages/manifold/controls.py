"""What is made: the two views, their forms and settings, and the button that starts."""

from __future__ import annotations

import streamlit as st

from engine.classifiers import card
from engine.classifiers.labels import spec_names
from engine.experiments.base import Spec
from engine.experiments.synthesis.modes import Modes
from engine.gallery import SYNTHETIC
from engine.records import Record
from pages.manifold.state import FORMS, LINK, MANY, SHARED, TWO, VIEW
from pages.shared.fitting import about, fits
from pages.shared.form import Form, folded, pairs
from pages.shared.views import one_of

PLAIN = {TWO: ("seed",), MANY: ("natural", "pattern", "real", "dataset", "seed")}
"""Fields of each experiment that stand in the open; the others are behind buttons."""

GROUPS = {
    "natural": ("Mode A", ":material/filter_vintage:"),
    "pattern": ("Mode C", ":material/grain:"),
    "natural_settings": ("Natural-looking modes", ":material/filter_vintage:"),
    "pattern_settings": ("Patterns", ":material/grain:"),
    "connect": ("Search", ":material/conversion_path:"),
}
"""Groups of settings with a button of their own, and what stands on it."""


def chosen_view() -> Form[Spec]:
    """The widget for the view; the form of its experiment, with a class that the classifier knows."""
    one_of("View", list(FORMS), VIEW.key, on_change=LINK.leave, persist_state="session")
    form = FORMS[VIEW.held]
    names = spec_names(card(form["classifier"].held).classes)
    if form["label"].held not in names:
        LINK.own(form["label"].key, first_class(names))
    return form


def folded_controls(
    form: Form[Spec], spec: Spec | None, record: Record | None, busy: bool
) -> bool | None:
    """The widgets, folded where a result is shown; whether the experiment is to start, None where it cannot.

    `spec` is what the widgets describe, None where that is wrong.
    """
    key = "mf_box" if record else "mf_box_open"
    icon = ":material/tune:"
    box = st.expander(
        "Your own class and settings", not record, icon=icon, key=key, on_change="rerun"
    )
    if not box.open:
        return False
    with box:
        _class(form)
        pressed = _settings(form, spec, busy)
        if record and spec and _without_class(record.spec) != _without_class(spec):
            st.caption(
                ":material/info: The settings differ from those of the result shown. Press the button "
                "again to apply them."
            )
    return pressed


def _class(form: Form[Spec]) -> None:
    grid = st.grid(2, min_column_width=150)
    with grid.cell():
        classifier = form["classifier"].draw(_other_classifier)
    grid.selectbox(
        "Class",
        spec_names(card(classifier).classes),
        key=form["label"].key,
        on_change=LINK.leave,
        persist_state="session",
        help="The class that all modes are made for.",
    )
    st.caption(about(classifier))


def _without_class(spec: Spec) -> Spec:
    """A spec apart from its class, which may be named in several ways."""
    return type(spec).from_dict({**spec.to_dict(), "label": ""})


def first_class(names: list[str]) -> str:
    """The class that a new visitor sees: the shipped example's where the classifier has it."""
    shipped = str(SYNTHETIC[0].to_dict()["label"])
    return shipped if shipped in names else names[0]


def _other_classifier() -> None:
    """The classes are others now."""
    st.session_state[FORMS[VIEW.held]["label"].key] = None
    LINK.leave()


def _settings(form: Form[Spec], spec: Spec | None, busy: bool) -> bool | None:
    """The widgets of an experiment and the button that starts it; what `folded_controls` says of it."""
    shown = PLAIN[VIEW.held]
    with st.grid(len(shown) + 1, min_column_width=130, vertical_alignment="bottom"):
        form.draw(*shown)
    with st.container(horizontal=True, vertical_alignment="center"):
        place = st.container(width="content")
        _groups(form, shown)
    fit = True
    if isinstance(spec, Modes) and spec.real:
        keys = form["classifier"].key, form["dataset"].key
        fit = fits((spec.classifier, spec.dataset, spec.split), keys, LINK.leave)
    pressed = place.button(
        "Make and connect" if VIEW.held == TWO else "Explore",
        type="primary",
        icon=":material/auto_awesome:",
        key=f"{form.prefix}_start",
        disabled=spec is None or busy or not fit,
        help="Grow the modes from noise, then search paths of low loss between them.",
    )
    return pressed if fit else None


def _groups(form: Form[Spec], plain: tuple[str, ...]) -> None:
    """A button for every group of settings, and one for what is left."""
    rest = [name for name in form.settings if "." not in name and name not in (*plain, *SHARED)]
    for name, (label, icon) in GROUPS.items():
        if name in form.places and (group := folded(f"{form.places[name]}_group", label, icon)):
            with group:
                st.caption(form.help(name))
                with pairs():
                    form.draw(name)
    if more := folded(f"{form.prefix}_more", "More"):
        with more, pairs():
            form.draw(*rest)
