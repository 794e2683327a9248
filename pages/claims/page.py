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
from pages.shared.words import meaning


def render() -> None:
    """The page: what is decided comes first, what only other networks tell of is folded at its end."""
    st.title("Does it hold?", anchor=False)
    standings = standings_here()
    decided = [one for one in standings if one.deciding.reading]
    others = [one for one in standings if not one.deciding.reading]
    counts = Counter(one.verdict for one in decided)
    told = ", ".join(f"{verdict}: {counts[verdict]}" for verdict in COLORS if counts[verdict])
    st.markdown(
        f"{counted(len(decided), 'claims')} of the paper and of our own ({told}). Each verdict follows "
        "from the records that its row opens, by a rule that was written before they were computed, "
        "unless it says otherwise. Of several networks the blue one decides; :green-background[green] is "
        "where the claim holds, :red-background[red] where it does not. The same as one file: "
        "`python -m engine reproduce`.",
        help=meaning("barrier", "nats", "mode", "AUC"),
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
