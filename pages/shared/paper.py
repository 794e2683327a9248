"""The paper's claims as they stand here, and the line that tells a page's own."""

from __future__ import annotations

from typing import Literal

import streamlit as st

from engine.claims import Standing, standings, tested_kinds
from engine.claims.claim import Verdict
from pages.shared import service
from pages.shared.mode import mode
from pages.shared.words import plain

ADDRESS = "https://arxiv.org/abs/2409.05800"
"""The paper."""

Color = Literal["green", "yellow", "red", "gray"]
COLORS: dict[Verdict, Color] = {
    "holds": "green",
    "holds partly": "yellow",
    "does not hold": "red",
    "not measured": "gray",
}


def standings_here() -> list[Standing]:
    """How every claim stands: by what ships and, on one's own machine, what was computed here."""
    store = service.store()
    folders = [root / kind for kind in tested_kinds() for root in (store.root, *store.shipped)]
    # A folder's time changes when a record comes or goes.
    marks = tuple((str(one), one.stat().st_mtime_ns) for one in folders if one.is_dir())
    return _standings(marks, mode().hosted)


def paper_line(address: str) -> None:
    """What the paper says of a page's subject and whether it holds here; on hover what was measured."""
    own = [one for one in standings_here() if one.claim.page == address and not one.claim.own]
    if not own:
        return
    first, title = own[0], own[0].claim.title
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(
            f"The paper: {title[0].lower()}{title[1:]}. {_here(first)}",
            help=f"{first.claim.quantity}. {plain(first.words)}. {first.claim.rule.words(first.claim.unit)}",
            width="stretch",
        )
        st.page_link(
            "pages/claims/page.py",
            label=f"All {len(own)} claims" if own[1:] else "The claim",
            icon=":material/fact_check:",
            width="content",
        )


def _here(one: Standing) -> str:
    """Whether a claim holds here, and on which network, as a sentence."""
    if one.told is None:
        return "Not measured here yet."
    if one.deciding.reading:
        return f"Here that **{one.verdict}**."
    network = plain(one.told.trial.network)
    return f"Here that **{one.told.verdict}** on {network}; the paper's own is not measured."


@st.cache_resource(show_spinner=False, max_entries=8)
def _standings(marks: tuple[tuple[str, int], ...], hosted: bool) -> list[Standing]:
    return standings(service.shipped if hosted else service.store().of_kind)
