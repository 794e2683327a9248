"""The one button to share a result: a card to send, the link, and what to cite."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from engine import __version__
from engine.plots.grammar import Drawing
from engine.records import Record
from pages.shared.downloads import File, file_button, link_to, stem_of
from pages.shared.fragments import fragment
from pages.shared.paper import ADDRESS
from pages.shared.share.card import card, moving, paths_of

PAPER = f"""@article{{vrabel2024input,
  title   = {{Input Space Mode Connectivity in Deep Neural Networks}},
  author  = {{Vrabel, Jakub and Shem-Ur, Ori and Oz, Yaron and Krueger, David}},
  journal = {{arXiv preprint arXiv:2409.05800}},
  year    = {{2024}},
  url     = {{{ADDRESS}}}
}}"""

SOFTWARE = f"""@software{{isthmus,
  title   = {{Isthmus: input-space mode connectivity, seen and measured}},
  author  = {{{{The Isthmus authors}}}},
  version = {{{__version__}}},
  year    = {{2026}}
}}"""


@fragment
def share_button(record: Record, key: str, figure: Callable[[], Drawing] | None = None) -> None:
    """The button; what stands behind it is made when it is opened.

    `figure` makes the chart that stands on the card of a result without pictures.
    """
    popover = st.popover("Share", icon=":material/share:", key=f"{key}_share", on_change="rerun")
    if popover.open:
        with popover:
            _shared(record, key, figure)


def _shared(record: Record, key: str, figure: Callable[[], Drawing] | None) -> None:
    link = link_to(record)
    picture = _card(record.key, str(record.path), link, record, figure)
    st.image(picture, alt=f"The card of this result: {record.outcome}", width="stretch")
    with st.container(horizontal=True):
        file_button(File("Card (PNG)", ".png", lambda: picture), stem_of(record), key)
        if paths_of(record):
            made = File("Moving (WebP)", ".webp", lambda: moving(record, link))
            file_button(made, stem_of(record), key)
    st.caption("Link")
    st.code(link, language=None, wrap_lines=True)
    st.caption("Cite")
    st.code(f"{PAPER}\n\n{SOFTWARE}", language="bibtex", wrap_lines=True)


@st.cache_resource(show_spinner=False, max_entries=32)
def _card(
    key: str, path: str, link: str, _record: Record, _figure: Callable[[], Drawing] | None
) -> bytes:
    """The card, made once; `path` tells copies of a record apart."""
    return card(_record, link, _figure() if _figure else None)
