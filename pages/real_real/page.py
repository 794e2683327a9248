"""Real–real: choose two images of one class, see what stands between them, connect them."""

from __future__ import annotations

import streamlit as st

from engine.experiments.pair.real_real import RealReal
from engine.records import Record
from pages.real_real.own import own_pictures
from pages.real_real.pictures import pictures
from pages.real_real.result import result_view, straight_view
from pages.real_real.search import connect_row, straight_path
from pages.real_real.state import DESK, Choice
from pages.shared.choice import about, class_chooser, set_fits, sources
from pages.shared.linked import linked
from pages.shared.ranking import survey
from pages.shared.search import running
from pages.shared.shell import told
from pages.shared.tracks import Pair


def render() -> None:
    """The page, from the link at its top to the figures at its bottom."""
    st.title("Real–real", anchor=False)
    st.markdown(
        "Two pictures that the classifier gives the same label, and the paths between them. Where "
        "the straight path crosses a *barrier* of high loss, a bent one often does not."
    )
    link = linked(DESK)
    result = link.record
    if link.job:
        running(DESK, link.job)
    box = (
        st.expander("Pictures and search", icon=":material/photo_library:")
        if result
        else st.container()
    )
    choice = None
    with box, told():
        choice = _choice()
        if choice:
            connect_row(choice, _spec(result))
    with told():
        if result:
            result_view(Pair.of(result))
        elif choice and (straight := straight_path(choice)):
            straight_view(Pair.of(straight))


def _choice() -> Choice | None:
    names, (place,) = sources(DESK)
    st.caption(about(names[0]))
    if not set_fits(DESK, names):
        return own_pictures(names)
    found = survey(*names, key=DESK.key("survey"))
    if found is None:
        return None
    with place:
        label = class_chooser(DESK, found)
    return pictures(names, found, label) if label else None


def _spec(record: Record | None) -> RealReal | None:
    return record.spec if record and isinstance(record.spec, RealReal) else None


render()
