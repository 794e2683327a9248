"""What the page remembers: its views, its widgets' names, the result that its link names."""

from __future__ import annotations

import streamlit as st

from engine.experiments.base import Spec
from engine.experiments.synthesis.manifold import Manifold
from engine.experiments.synthesis.modes import Modes
from engine.parameters import Parameters

RUN = "run"
"""The query parameter that names a result."""

TWO, MANY = "Two modes", "Many modes"
VIEWS: dict[str, type[Spec]] = {TWO: Manifold, MANY: Modes}
"""View -> the experiment that it shows."""

GROUPS: dict[type[Spec], dict[str, str]] = {
    Manifold: {"natural": "mf_a", "pattern": "mf_c", "connect": "mf", "": "mf_two"},
    Modes: {
        "natural_settings": "mf_a",
        "pattern_settings": "mf_c",
        "connect": "mf_all",
        "": "mf_many",
    },
}
"""Field of nested settings -> prefix of its widgets; "" for the fields of the experiment itself."""

SHARED = ("classifier", "label")
"""Fields that both views have in common, with widgets of their own."""


def shown() -> str | None:
    """The key in the page's link, if there is one."""
    return st.query_params.get(RUN)


def leave() -> None:
    """Forget the result that the link names; called when it is no longer what is asked for."""
    st.query_params.pop(RUN, None)
    st.session_state.pop("mf_adopted", None)


def show(key: str) -> None:
    """Make the page's link name a result that this page's own widgets describe."""
    st.query_params[RUN] = key
    st.session_state["mf_adopted"] = key


def adopt(key: str, spec: Spec, target: str) -> None:
    """Fill the widgets with what a result was made from, once for each link."""
    if st.session_state.get("mf_adopted") == key:
        return
    st.session_state["mf_adopted"] = key
    st.session_state["mf_view"] = next(v for v, kind in VIEWS.items() if isinstance(spec, kind))
    prefixes = GROUPS[type(spec)]
    for name, value in spec.to_dict().items():
        if name in SHARED:
            st.session_state[f"mf_{name}"] = target if name == "label" else value
        elif isinstance(getattr(spec, name), Parameters):
            for part, setting in value.items():
                st.session_state[f"{prefixes[name]}_{part}"] = setting
        else:
            st.session_state[f"{prefixes['']}_{name}"] = value
