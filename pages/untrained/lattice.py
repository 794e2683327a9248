"""Site percolation to play with: a lattice that a slider fills, the paper's three panels, its terms."""

from __future__ import annotations

import streamlit as st

from pages.shared.strip import data_uri
from pages.shared.words import share
from pages.untrained.lattice_picture import COLORS, CRITICAL, filled, picture, words_of

SIDES = (16, 32, 64, 128, 256)
PRESETS = {"Below": 0.5, "Threshold": round(CRITICAL, 3), "Above": 0.68}
STEP = 0.001
PANEL_SIDE = 64

LARGE, SMALL = 640, 320
"""Sides of the pictures in pixels, about: sites are drawn as whole squares."""

TERMS = {
    "site": "vertex (node)",
    "bond": "edge",
    "cluster": "connected component",
    "infinite cluster": "infinite connected component",
    "percolation threshold": "critical probability",
    "order parameter": "size of the largest component",
    "lattice animal": "connected subgraph (not infinite)",
}
"""Table 2 of the paper: statistical physics -> graph theory."""


def lattice() -> None:
    """The lattice with its controls, then the panels of Fig. 9 and the dictionary of Table 2."""
    st.subheader("Percolation", anchor=False)
    _interactive()
    _panels()
    with st.expander("Two languages for the same things (Table 2 of the paper)"):
        st.table(
            {"Statistical physics": list(TERMS), "Graph theory": list(TERMS.values())},
            alt="Terms of statistical physics and their names in graph theory",
        )


@st.fragment
def _interactive() -> None:
    left, right = st.columns([5, 6], gap="large")
    with left:
        p, side, seed = _controls()
    found = filled(p, side, seed)
    words = words_of(p, found)
    with right:
        st.image(data_uri(picture(found, LARGE)), width="stretch", alt=words.replace("*", ""))
    with left:
        st.markdown(words)
        _legend()


def _controls() -> tuple[float, int, int]:
    st.markdown(
        "Every site of a square grid is occupied with probability *p*; occupied neighbours belong to one "
        "cluster. Move *p*: does a cluster cross from top to bottom?"
    )
    st.session_state.setdefault("un_p", PRESETS["Threshold"])
    p = st.slider(
        "Probability p that a site is occupied",
        0.0,
        1.0,
        step=STEP,
        format="%.3f",
        key="un_p",
        bind="query-params",
    )
    with st.container(horizontal=True, gap="small"):
        for name, value in PRESETS.items():
            st.button(
                name,
                key=f"un_{name.lower()}",
                help=f"p = {value:g}",
                on_click=_preset,
                args=(value,),
            )
    with st.grid(2, min_column_width=130, vertical_alignment="bottom"):
        side = st.selectbox(
            "Sites a side", SIDES, index=SIDES.index(64), key="un_side", bind="query-params"
        )
        seed = st.number_input(
            "Seed", 0, 2**31 - 1, 0, key="un_seed", bind="query-params", help="Another lattice."
        )
    return p, side or 64, int(seed or 0)


def _preset(value: float) -> None:
    st.session_state["un_p"] = value


def _legend() -> None:
    style = "display:inline-block;width:.9em;height:.9em;border-radius:.15em;margin-right:.35em"
    words = "".join(
        f"<span><span style='{style};background:{color}'></span>{name}</span>"
        for name, color in COLORS.items()
    )
    st.html(
        f"<div style='display:flex;flex-wrap:wrap;gap:.3rem 1rem;font-size:.85rem'>{words}</div>"
    )


def _panels() -> None:
    st.markdown(
        f"**Below, near and above the threshold** (Fig. 9): one grid of {PANEL_SIDE} × {PANEL_SIDE} sites, "
        "filled further and further"
    )
    with st.grid(3, min_column_width=105):
        for value in PRESETS.values():
            found = filled(value, PANEL_SIDE, 0)
            reach = "spans" if found.spanning else "does not span"
            st.image(
                data_uri(picture(found, SMALL)),
                caption=f"p = {value:g}: the largest cluster ({share(found.largest_share)}) {reach}",
                width="stretch",
                alt=f"Grid filled with p = {value:g}; its largest cluster {reach} it",
            )
