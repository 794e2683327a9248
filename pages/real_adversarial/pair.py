"""One pair: attack K into A's class, see what stands between A and K′, connect them."""

from __future__ import annotations

import streamlit as st

from engine.experiments.pair.real_adversarial import RealAdversarial
from engine.records import Record
from pages.real_adversarial.aim import aim_form
from pages.real_adversarial.pictures import pictures
from pages.real_adversarial.result import result_view, straight_view
from pages.real_adversarial.search import connect_row, straight_path
from pages.real_adversarial.source import begin, source_class
from pages.real_adversarial.state import DESK, Choice
from pages.shared.choice import about, class_chooser, set_fits, sources
from pages.shared.linked import linked
from pages.shared.ranking import survey
from pages.shared.search import running
from pages.shared.shell import told


def render_pair() -> None:
    """The view, from the link at its top to the figures at its bottom."""
    st.markdown(
        "A picture K of another class is changed a little, until the classifier sees A's class in it: "
        "an *adversarial* picture, K′. A and K′ get the same label, yet the way between them tends to "
        "be harder than between two real pictures, A and C."
    )
    link = linked(DESK)
    result = link.record
    if link.job:
        running(DESK, link.job)
    box = (
        st.expander("Pictures, attack and search", icon=":material/photo_library:")
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
            result_view(result)
        elif choice and (straight := straight_path(choice)):
            straight_view(straight)


def _choice() -> Choice | None:
    names, (for_class, for_source) = sources(DESK, places=2)
    st.caption(about(names[0]))
    if not set_fits(DESK, names):
        return None
    found = survey(*names, key=DESK.key("survey"))
    if found is None:
        return None
    chosen, attack = st.container(), st.container()
    with attack:
        aim = aim_form()
    if aim is None:
        return None
    with for_class:
        label = class_chooser(DESK, found, "Class of A and C", disabled=not aim.targeted)
    if label:
        begin(names, found, label)
    with for_source:
        other = source_class(found, label) if label else ""
    with chosen:
        return pictures(names, found, label, other, aim) if other else None


def _spec(record: Record | None) -> RealAdversarial | None:
    return record.spec if record and isinstance(record.spec, RealAdversarial) else None
