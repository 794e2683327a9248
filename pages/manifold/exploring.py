"""Several modes of one class: how many hold together, their graph, a walk, what they span."""

from __future__ import annotations

from typing import Any

import streamlit as st

from engine.experiments.synthesis.results import ModesResult
from engine.records import Record
from pages.manifold.files import files
from pages.manifold.graph import graph
from pages.manifold.hulls import hull_view
from pages.manifold.walking import walk
from pages.shared.pair import drawing
from pages.shared.words import counted, nats


def many_modes(record: Record) -> None:
    """A record of several modes, whole; or why there is nothing to connect."""
    found, summary = record.found(ModesResult), record.summary
    drawing.verdict(summary["connected"], summary["status"])
    if summary["rejected"]:
        st.caption(
            f"{counted(summary['rejected'], 'synthetic images')} did not converge: no mode, and left "
            "out of everything below."
        )
    if not found.explored:
        return
    _numbers(summary)
    walk(found, graph(found))
    hull_view(found)
    files(record)


def _numbers(summary: dict[str, Any]) -> None:
    with st.grid(4, min_column_width=165):
        st.metric("Modes", str(summary["modes"]), help="Synthetic and real together.", border=True)
        st.metric(
            "Pairs connected",
            f"{summary['connected_before']} → {summary['connected_after']} of {summary['pairs']}",
            help=f"By straight paths, and by the paths found. The threshold is "
            f"{nats(summary['threshold'])}.",
            border=True,
        )
        st.metric(
            "Components",
            f"{summary['components_before']} → {summary['components_after']}",
            help="Groups of modes that hold together by connected pairs: by straight paths, and by "
            "the paths found.",
            border=True,
        )
        st.metric(
            "Highest barrier (nats)",
            f"{summary['height_before']:.2f} → {summary['height_after']:.2f}",
            help="The highest loss on any straight path, and on any path found. The longest search "
            f"took {counted(summary['most_rounds'], 'rounds')}.",
            border=True,
        )
