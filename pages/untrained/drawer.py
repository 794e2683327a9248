"""One drawer for all experiments of the page: the setup of each, a button that runs it, its result."""

from __future__ import annotations

import streamlit as st

from engine.experiments.base import Spec
from engine.experiments.untrained.evolution import SHORT
from engine.experiments.untrained.untrained import SEVERAL
from engine.parameters import default_of
from pages.shared.downloads import take
from pages.shared.form import Form
from pages.shared.link import Linked
from pages.untrained.section import page_link, sections, shown

SHIPPED: dict[type[Spec], Spec] = {type(SEVERAL): SEVERAL, type(SHORT): SHORT}
"""What a chapter shows at first, where that is not what its kind computes by default."""


def drawer(link: Linked) -> None:
    """The drawer, folded."""
    label, icon = "Run these experiments yourself", ":material/tune:"
    folded = st.expander(label, icon=icon, key="un_drawer", on_change="rerun")
    if not folded.open:
        return
    with folded:
        forms = sections()
        for (cls, form), tab in zip(forms.items(), st.tabs([c.title for c in forms]), strict=True):
            with tab:
                _setup(form)
                if record := shown(SHIPPED.get(cls, default_of(cls)), link):
                    take(record, key=f"{form.prefix}_take")


def _setup(form: Form[Spec]) -> None:
    place = form.block(*form.settings, columns=4)
    spec = form.spec()
    pressed = place.button(
        "Compute",
        type="primary",
        icon=":material/play_arrow:",
        key=f"{form.prefix}_compute",
        disabled=spec is None,
    )
    if spec and pressed:
        page_link().start(spec)
