"""The section of a kind that has none of its own: settings, how it ended, its figure, its tables."""

from __future__ import annotations

import streamlit as st

from engine.experiments.base import Spec
from pages.shared.downloads import take
from pages.shared.linked import Linked
from pages.untrained.section import SHORT, result_of, sections


def plain_sections(link: Linked) -> None:
    """A section for each kind on this page that has none of its own."""
    for cls in sections():
        if cls not in SHORT:
            _section(cls, link)


def _section(cls: type[Spec], link: Linked) -> None:
    st.subheader(cls.title, anchor=False)
    st.markdown(cls.__doc__ or "")
    record = result_of(cls, link, "Compute")
    if record is None:
        return
    st.markdown(f"**{record.outcome}**")
    if figure := getattr(record.result, "plot", None):
        st.altair_chart(figure(), alt=record.outcome, key=f"{cls.kind}_figure")
    for name, table in record.tables.items():
        st.caption(name.replace("_", " ").capitalize())
        st.dataframe(table, hide_index=True, alt=f"The table {name} of the result")
    take(record, key=f"{cls.kind}_take")
