"""How images are attacked: which attack, towards which class, and the settings of that attack alone."""

from __future__ import annotations

from typing import Any

import streamlit as st

from engine.attacks import ATTACKS
from pages.shared.controls import OnChange
from pages.shared.form import Form, attribute, folded, pairs


def aim_form(form: Form[Any], leave: OnChange) -> dict[str, Any]:
    """The widgets of the attack on one picture; what the spec is to say of aim and seed."""
    with st.container(border=True):
        st.markdown("**The attack on K**")
        with st.grid(5, min_column_width=135, vertical_alignment="bottom"):
            method, targeted = method_and_aim(form, leave)
            if ATTACKS[method].random:
                form.draw("seed", on_change=leave)
        row = st.container(horizontal=True, vertical_alignment="center")
        row.caption(about(form, method))
        group = f"attack.{attribute(method)}"
        if form.of(group, advanced=True):
            with row:
                more = folded(f"{form['attack.method'].key.removesuffix('method')}{method}_more")
            if more:
                with more, pairs():
                    form.draw(group, advanced=True, on_change=leave)
    seed = form["seed"].held if ATTACKS[method].random else form["seed"].start
    return {"targeted": targeted, "seed": seed}


def method_and_aim(form: Form[Any], on_change: OnChange | None = None) -> tuple[str, bool]:
    """Widgets for the attack, its aim and its main settings; the attack, and whether it is aimed."""
    form.draw("attack.method", on_change=on_change)
    method = str(form["attack.method"].held)
    targeted = _target_switch(form, method, on_change)
    form.draw(f"attack.{attribute(method)}", advanced=False, on_change=on_change)
    return method, targeted


def about(form: Form[Any], method: str) -> str:
    """An attack in a sentence."""
    words = (type(form.start(f"attack.{attribute(method)}")).__doc__ or "").strip()
    return f"**{ATTACKS[method].title}**: {words}"


def _target_switch(form: Form[Any], method: str, on_change: OnChange | None) -> bool:
    """The switch for the aim, where the attack leaves a choice."""
    switch = form["targeted"]
    if (aims := ATTACKS[method].aims) == "may":
        return bool(switch.draw(on_change))
    aimed = aims == "must"
    words = "always aims at A's class" if aimed else "cannot be aimed: A follows K′"
    st.toggle(
        switch.field.label,
        value=aimed,
        key=f"{form['attack.method'].key.removesuffix('method')}{method}_aim",
        disabled=True,
        help=f"{ATTACKS[method].title} {words}.",
    )
    return aimed
