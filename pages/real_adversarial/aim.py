"""How K is attacked: which attack, towards which class, and the settings of that attack alone."""

from __future__ import annotations

import streamlit as st

from engine.attacks import ATTACKS
from engine.attacks.settings import AttackSettings
from engine.experiments.pair.real_adversarial import RealAdversarial
from pages.real_adversarial.state import DESK, Aim
from pages.shared.controls import checked, fields_named, folded, widget, widgets

PREFIX = DESK.key("attack")


def aim_form() -> Aim | None:
    """The widgets of the attack; None where a setting is out of its range, which is then said."""
    with st.container(border=True):
        st.markdown("**The attack on K**")
        with st.grid(5, min_column_width=135, vertical_alignment="bottom"):
            (choice,) = fields_named(AttackSettings, ("method",))
            method = widget(choice, PREFIX, DESK.leave)
            targeted = _targeted(method)
            group = ATTACKS[method].group()
            fields = fields_named(group.type)
            plain = [field for field in fields if not field.parameter.advanced]
            values = widgets(plain, f"{PREFIX}_{method}", DESK.leave)
            seed = _seed(method)
        row = st.container(horizontal=True, vertical_alignment="center")
        row.caption(f"**{ATTACKS[method].title}**: {_sentence(group.type)}")
        rest = [field for field in fields if field.parameter.advanced]
        values |= folded(rest, f"{PREFIX}_{method}", row, DESK.leave)
        settings = checked(group.type, values)
    if settings is None:
        return None
    return Aim(AttackSettings(method=method, **{group.name: settings}), targeted, seed)


def _targeted(method: str) -> bool:
    """The switch for the aim, where the attack leaves a choice."""
    (field,) = fields_named(RealAdversarial, ("targeted",))
    if (aims := ATTACKS[method].aims) != "may":
        aimed = aims == "must"
        words = "always aims at A's class" if aimed else "cannot be aimed: A follows K′"
        st.toggle(
            field.label,
            value=aimed,
            key=f"{PREFIX}_{method}_aim",
            disabled=True,
            help=f"{ATTACKS[method].title} {words}.",
        )
        return aimed
    return bool(widget(field, PREFIX, DESK.leave))


def _seed(method: str) -> int:
    (field,) = fields_named(RealAdversarial, ("seed",))
    return int(widget(field, PREFIX, DESK.leave)) if ATTACKS[method].random else int(field.default)


def _sentence(settings: type) -> str:
    """What the settings class says of its attack."""
    return (settings.__doc__ or "").strip()
