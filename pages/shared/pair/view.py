"""The page from its link to its figures: the straight path at once, a search when it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import streamlit as st

from engine.experiments.base import Spec
from engine.finders.settings import ConnectSettings
from engine.jobs import Job
from engine.parameters import default_of
from engine.records import Record
from pages.shared import service
from pages.shared.job_panel import never, obtained
from pages.shared.pair.desk import Desk
from pages.shared.share import share_button
from pages.shared.shell import told

PATIENCE_SECONDS = 1.6
"""How long a page waits for a first look at a straight path before it shows progress instead.

Progress would be drawn by the cores that compute: with it, the look of a large network comes later.
"""

COARSE = 10
"""Points of that first look, where nothing but the path takes time ..."""

LOOK = ConnectSettings(rounds=0, search_points=16, verify_points=17)
"""... and how it is verified where they show no barrier: a large network takes 0.1 s for a point."""

SEARCH = ("connect", "points", "tolerance", "plane_resolution", "keep_pictures")
"""What a spec says of the search, where it says it; the rest is about the pictures."""

Draw = Callable[[Record], None]


@dataclass(frozen=True)
class View:
    """What such a page shows on its desk.

    `lead` draws what one sees first, of a result or of a straight path. Below it `choose` draws the widgets
    for the pictures and returns what the spec is to say of them, None where there are none yet; the fold
    that they are in is called `box`, and it is open where no result is shown. `search` stands above the
    search. The straight path is shown with `coarse` points first, 0 for no such look.
    """

    desk: Desk
    box: str
    lead: Draw
    choose: Callable[[], Mapping[str, Any] | None]
    straight: Draw
    result: Draw
    between: str
    search: str = ""
    coarse: int = 0


def pair_view(view: View) -> None:
    """Draw the page below its introduction."""
    link = view.desk.link
    with link.opened() as found:
        record, spec, part = found.record, None, _part_of(found.job)
        first = service.found(part) if part else None
        above, lead, below = st.container(), st.container(), st.container()
        box, rest = _box(view, record or first), st.container()
        if found.job:
            with below if first else above:
                news = partial(_is_there, part) if part and not first else never
                link.running(found.job, trace=not first, news=news)
        if box.open:
            with box, told():
                pictures = view.choose()
                if pictures is not None:
                    spec = _connect_row(view, pictures, record)
        if record:
            with lead, told():
                view.lead(record)
                share_button(record, view.desk.key("lead"))
            with rest, told():
                view.result(record)
        elif first:
            with lead, told():
                view.lead(first)
            with rest, told():
                view.result(first)
        elif spec:
            searching, straight = bool(found.job and found.job.active), None
            with lead, told():
                straight = _straight_path(view, spec, searching=searching)
            if straight:
                with rest, told():
                    view.straight(straight)


def _part_of(job: Job | None) -> Spec | None:
    """What a search stores first, for its answer need not wait for the rest."""
    return getattr(job.spec, "joined", None) if job else None


def _is_there(spec: Spec) -> bool:
    return service.has(spec.kind, spec.key())


def _box(view: View, record: Record | None) -> Any:
    """The fold with pictures and settings, open for whoever is at work there.

    What is folded is not drawn: ranking pictures, of all things, would take the most of a page's time.
    """
    is_open = not record or view.desk.wanted
    key = view.desk.key("box_open" if is_open else "box")
    icon = ":material/photo_library:"
    return st.expander(view.box, is_open, icon=icon, key=key, on_change="rerun")


def straight_of(spec: Spec) -> Spec:
    """The straight path between the same pictures."""
    start = default_of(type(spec))
    kept = {name: getattr(start, name) for name in SEARCH if hasattr(start, name)}
    points = min(kept["points"], spec.to_dict()["points"])
    straight = {"connect": ConnectSettings(rounds=0), "plane_resolution": 0, "points": points}
    return replace(spec, **{**kept, **straight})


def _connect_row(view: View, pictures: Mapping[str, Any], shown: Record | None) -> Spec | None:
    """The settings of the search and the button that starts it; the spec that all widgets describe."""
    form, link = view.desk.form, view.desk.link
    names = [name for name in SEARCH if form.of(name)]
    with st.container(border=True):
        if view.search:
            st.markdown(f"**{view.search}**")
        place = form.block(*names)
        spec: Spec | None = form.spec(pictures)
        pressed = place.button(
            "Connect again" if shown else "Connect",
            type="primary",
            icon=":material/conversion_path:",
            key=view.desk.key("connect"),
            disabled=spec is None,
            help=f"Search for a path of low loss between {view.between}, with these settings.",
        )
    if spec and shown and any(getattr(spec, name) != getattr(shown.spec, name) for name in names):
        st.caption(
            ":material/info: The settings differ from those of the result below. "
            "Connect again to apply them."
        )
    if spec and pressed:
        _drop_former(view.desk)
        view.desk.want(False)
        link.start(spec)
    return spec


def _straight_path(view: View, spec: Spec, *, searching: bool) -> Record | None:
    """The straight path, with what one sees first of it drawn: a few points of it at first, then all.

    A search is not to be kept waiting for it. None where there is nothing to show yet.
    """
    named = spec.to_dict()
    if named["first"] and named["first"] == named["second"]:
        st.warning(
            "A and C are the same picture, so there is nothing between them. Choose another one for "
            "A or for C.",
            icon=":material/content_copy:",
        )
        return None
    whole, key = straight_of(spec), view.desk.key("straight")
    coarse = replace(whole, **{"points": view.coarse, "connect": LOOK}) if view.coarse else whole
    if searching:
        if shown := service.found(whole) or service.found(coarse):
            view.lead(shown)
        return shown
    _drop_former(view.desk, coarse.key(), whole.key())
    with st.spinner("Walking the straight line …"):
        shown = service.found(whole) or obtained(coarse, key=key, patience=PATIENCE_SECONDS)
    if shown:
        view.lead(shown)
        if shown.spec != whole:
            st.caption(f"A first look, at {view.coarse} points of the path. The others follow.")
            obtained(whole, key=key)
    return shown


def _drop_former(desk: Desk, *wanted: str) -> None:
    """Cancel what is under way for straight paths other than these, which nobody looks at any more."""
    name = desk.key("straight_keys")
    for key in set(st.session_state.get(name, ())) - set(wanted):
        job = service.jobs().job(key)
        if job and job.active:
            service.cancel(job)
    st.session_state[name] = wanted
