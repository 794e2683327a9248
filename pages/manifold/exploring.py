"""Several modes of one class: how many hold together, their graph, a walk, what they span."""

from __future__ import annotations

from typing import Any

import streamlit as st

from engine.experiments.synthesis.results import ModesResult
from engine.records import Record
from pages.manifold.graph import graph
from pages.manifold.hulls import hull_view
from pages.manifold.walking import walk
from pages.shared.downloads import File, array_files, take, take_away
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
        take(record, key="mf_take")
        return
    walk(found, graph(record, found))
    _numbers(summary)
    hull_view(found)
    pairs = File(
        "Pairs (CSV)",
        "-pairs.csv",
        lambda: found.pairs,
        "Barriers (nats), rounds and distance of every pair, modes counted from 0.",
    )
    take_away(record, "mf_get", (*array_files("Modes", "modes", found.images), pairs))


def _numbers(summary: dict[str, Any]) -> None:
    with st.grid(4, min_column_width=165):
        drawing.metric("Modes", str(summary["modes"]), "Synthetic and real together.")
        drawing.metric(
            "Pairs connected",
            f"{summary['connected_before']} → {summary['connected_after']} of {summary['pairs']}",
            f"By straight paths, and by the paths found. The threshold is {nats(summary['threshold'])}.",
        )
        drawing.metric(
            "Components",
            f"{summary['components_before']} → {summary['components_after']}",
            "Groups of modes that hold together, by straight paths and by the paths found.",
        )
        drawing.metric(
            "Highest barrier (nats)",
            f"{summary['height_before']:.2f} → {summary['height_after']:.2f}",
            "The highest loss on any straight path, and on any path found. The longest search took "
            f"{counted(summary['most_rounds'], 'rounds')}.",
        )
