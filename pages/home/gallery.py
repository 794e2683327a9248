"""Five kinds of examples, each a finished result with its pictures: they open at once."""

from __future__ import annotations

from html import escape

import numpy as np
import streamlit as st

from engine.experiments.base import Spec
from engine.gallery import ADVERSARIAL, EXAMPLES, SYNTHETIC, VERDICT
from engine.lattice.sites import clusters, draw_levels
from engine.plots.palette import LAND, SEA, STRAIGHT
from engine.records import Record
from pages.shared import service
from pages.shared.shell import page_file, page_of
from pages.shared.strip import data_uri
from pages.shared.thumbnails import portrait

KINDS: tuple[tuple[str, str, Spec], ...] = (
    (
        "Two pictures, joined",
        "A path on which the classifier stays sure of what it sees.",
        EXAMPLES[0],
    ),
    ("An attack", "A small change, and the classifier is sure of another class.", ADVERSARIAL[0]),
    (
        "Grown from noise",
        "To the classifier both are of one class, as surely as can be.",
        SYNTHETIC[0],
    ),
    ("Is it an attack?", "One of these two was changed, and a detector says so.", VERDICT),
)
"""A title, a sentence and the result that they are about."""

LATTICE_SIDE, LATTICE_P = 24, (0.45, 0.64)


def examples() -> list[Record]:
    """Whole real–real records with a path found: shipped ones first, of those the highest barrier."""
    records = [
        record
        for record in service.my_records()
        if record.kind == "real-real" and not (record.damage or record.imported)
        if record.summary.get("rounds")
    ]
    return sorted(records, key=lambda r: (not r.shipped, -r.summary["height_before"]))


def gallery() -> None:
    """A card for each kind: its pictures, what they show, a link."""
    with st.grid(5, min_column_width=130):
        for title, words, spec in KINDS:
            if record := service.found(spec):
                with st.container(border=True, height="stretch"):
                    _card(title, words, record)
        with st.container(border=True, height="stretch"):
            _pictures(_lattices(), "A grid below the threshold, and one that a cluster spans")
            st.markdown("**Why it works**")
            st.caption("Fill a grid at random, and suddenly one cluster goes through everything.")
            _open(page_file("untrained"), "Tip it over", {"un_p": "0.58"})


def _card(title: str, words: str, record: Record) -> None:
    _pictures(portrait(record), f"Pictures of the example: {record.outcome}")
    st.markdown(f"**{title}**")
    st.caption(words)
    _open(page_of(record.spec), "Open", {"run": record.key})


def _open(page: str, label: str, query: dict[str, str]) -> None:
    st.page_link(page, label=label, icon=":material/arrow_forward:", query_params=query)


def _pictures(uris: tuple[str, ...], alt: str) -> None:
    """Pictures side by side, which read as one."""
    images = "".join(
        f"<img src='{uri}' alt='{escape(alt) if not k else ''}' style='flex:1 1 0;min-width:0;max-width:"
        "6rem;aspect-ratio:1;object-fit:contain;border-radius:.3rem;image-rendering:pixelated'>"
        for k, uri in enumerate(uris)
    )
    st.html(f"<div style='display:flex;gap:.4rem'>{images}</div>")


@st.cache_resource(show_spinner=False)
def _lattices() -> tuple[str, ...]:
    """A small grid that no cluster spans and the same with more sites, as data URIs."""
    colors = [list(bytes.fromhex(color[1:])) for color in (SEA[4], LAND, STRAIGHT)]
    uris = []
    for p in LATTICE_P:
        found = clusters(draw_levels(2, LATTICE_SIDE, 1, "grid") < p)
        kind = np.where(found.labels, 1 + (found.labels == found.spanning), 0)
        uris.append(data_uri(np.array(colors, dtype=np.uint8)[kind]))
    return tuple(uris)
