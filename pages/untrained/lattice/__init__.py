"""Site percolation to play with, computed and drawn in the browser; nothing is asked of the server."""

from __future__ import annotations

import streamlit as st

from engine.plots.palette import LAND, SEA, STRAIGHT
from pages.shared.component import component

SIDES = (32, 64, 128, 256)
SIDE, P = 128, 0.55
"""What one finds at first: a grid that is about to be spanned."""

COLORS = {
    "empty": SEA[4],
    "occupied": "#A89B74",
    "in the largest cluster": LAND,
    "in a spanning cluster": STRAIGHT,
}
"""What a site is -> its colour: land may be walked on, and one cluster of it stands out."""

_LATTICE = component(__file__, "lattice")


def lattice() -> None:
    """The grid with its controls. A link may say where it begins: `?un_p=0.6&un_side=64&un_seed=3`."""
    side = int(_asked("un_side", SIDE))
    _LATTICE(
        key="un_lattice",
        data={
            "p": min(1.0, max(0.0, _asked("un_p", P))),
            "side": side if side in SIDES else SIDE,
            "seed": int(_asked("un_seed", 0)) % 2**31,
            "sides": SIDES,
            "colors": list(COLORS.items()),
        },
    )


def _asked(name: str, usual: float) -> float:
    """A number of the address; the usual one for anything else."""
    text = st.query_params.get(name, "")
    return float(text) if len(text) < 12 and text.replace(".", "", 1).isdecimal() else usual
