"""Does it hold?: every claim of the paper with its verdict, what decides, and the records behind it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import partial

import streamlit as st

from engine.claims import Standing
from engine.words import counted
from pages.claims.row import row
from pages.shared.fold import fold
from pages.shared.paper import COLORS, standings_here
from pages.shared.words import capitalised, meaning


def render() -> None:
    """The page: what is decided comes first, what only other networks tell of is folded at its end."""
    st.title("Does it hold?", anchor=False)
    standings = standings_here()
    decided = [one for one in standings if one.deciding.reading]
    others = [one for one in standings if not one.deciding.reading]
    counts = Counter(one.verdict for one in decided)
    told = " ".join(
        f":{color}-badge[{capitalised(verdict)}: {counts[verdict]}]"
        for verdict, color in COLORS.items()
        if counts[verdict]
    )
    st.markdown(
        f"{counted(len(decided), 'claims')} of the paper and of our own: {told}. The blue mark decides, with "
        "its 95 % interval: in the :green-background[green] the claim holds, in the :red-background[red] "
        "it does not.",
        help="Each rule was written before its records were computed, unless it says otherwise. The same as "
        "one file: `python -m engine reproduce`.\n\n" + meaning("barrier", "nats", "mode", "AUC"),
    )
    _rows(decided)
    if others:
        fold(
            f"{counted(len(others), 'claims')} not measured on the network that decides",
            "hourglass_empty",
            "cl_others",
            partial(_rows, others),
        )


def _rows(standings: Sequence[Standing]) -> None:
    for standing in standings:
        with st.container(border=True):
            row(standing)


render()
