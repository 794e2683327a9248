"""Which pairs, which attack, how measured: the controls of the view."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from engine.attacks import ATTACKS, distinct
from engine.experiments.population.spec import PopulationSpec
from pages.real_adversarial.aim import about, method_and_aim
from pages.real_adversarial.population.state import FORMS, ONE, PART
from pages.shared.form import attribute, folded, pairs


def choice() -> tuple[PopulationSpec | None, DeltaGenerator]:
    """The widgets; what they describe, None where a value is out of range; and a place for the button."""
    part = PART.held
    form, values, methods = FORMS[part], {}, distinct()
    with st.grid(5, min_column_width=135, vertical_alignment="bottom"):
        form.draw("classifier", "dataset", "pairs")
        if part == ONE:
            method, values["targeted"] = method_and_aim(form)
            methods = (method,)
    row = st.container(horizontal=True, vertical_alignment="center")
    place = row.container(width="content")
    with row:
        more = folded("pop_more")
    if more:
        with more:
            with pairs():
                form.draw("split", "images", "points", "seed")
            form.section("Joining the pairs: 0 rounds leave it out", "connect")
            for method in methods:
                group = f"attack.{attribute(method)}"
                form.section(ATTACKS[method].title, group, advanced=part == ONE or None)
    if part == ONE:
        st.caption(about(form, methods[0]))
    return form.spec(values), place
