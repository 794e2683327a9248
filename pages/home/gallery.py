"""Finished examples: shipped records, then the newest of one's own, as cards that open at once."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from engine.experiments.pair.results import PairResult
from engine.images import to_bytes
from engine.records import Record
from pages.shared import service
from pages.shared.strip import data_uri
from pages.shared.words import figure, nats, plain

CARDS = 6
SIDE = 128


def examples() -> list[Record]:
    """Whole real–real records with a path found: shipped ones first, of those the highest barrier."""
    records = [
        record
        for record in service.my_records()
        if record.kind == "real-real" and not (record.damage or record.imported)
        if record.summary.get("rounds")
    ]
    return sorted(records, key=lambda r: (not r.shipped, -r.summary["height_before"]))


def gallery(records: Sequence[Record]) -> None:
    """A card for each record: both pictures, what happened to the barrier, a link."""
    with st.grid(3, min_column_width=250):
        for record in records[:CARDS]:
            with st.container(border=True, height="stretch"):
                _card(record)


def _card(record: Record) -> None:
    first, second, caption = card_of(record.key, str(record.path))
    summary = record.summary
    with st.container(horizontal=True, gap="small"):
        st.image(first, width=88, alt=f"Picture A, {summary['target_name']}")
        st.image(second, width=88, alt=f"Picture C, {summary['target_name']}")
    st.markdown(f"**{plain(summary['target_name'])}**, {caption}")
    verdict = "Connected" if summary["connected"] else "Not connected"
    st.caption(
        f"{verdict} after {summary['rounds']} round{'s' if summary['rounds'] != 1 else ''}: highest "
        f"loss {figure(summary['height_before'])} on the straight path, "
        f"{nats(summary['height_after'])} on the path found"
    )
    st.page_link(
        "pages/real_real/page.py",
        label="Open",
        icon=":material/arrow_forward:",
        query_params={"run": record.key},
    )


@st.cache_resource(show_spinner=False, max_entries=64)
def card_of(key: str, path: str) -> tuple[str, str, str]:
    """Both pictures as data URIs and the classifier's name; `path` tells copies of a record apart."""
    record = service.find(key)
    assert record is not None
    nodes = record.found(PairResult).straight.nodes
    first, second = (data_uri(picture, SIDE) for picture in to_bytes(nodes))
    return first, second, str(record.spec.to_dict()["classifier"])
