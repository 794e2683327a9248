"""One edge of the graph: a record's paths between two of its modes, to walk along."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st

from engine.records import Record
from pages.shared.chart_block import chart_block
from pages.shared.figures import loss_curves
from pages.shared.path_viewer import path_viewer
from pages.shared.tracks import Pair, Track
from pages.shared.words import nats


@dataclass(frozen=True)
class EdgeRecord:
    """As much of a record as the figures of one pair need; its key names the edge."""

    key: str
    summary: dict[str, Any]
    kind: str = "modes"


def walk(record: Record, row: int) -> None:
    """The pictures and losses along the edge of `row` of the record's pairs."""
    pair = edge_pair(record, row)
    edge = record.tables["pairs"].iloc[row]
    first, second = int(edge["first"]) + 1, int(edge["second"]) + 1
    st.subheader(f"From mode {first} to mode {second}", anchor=False)
    st.markdown(_words(edge, first, second))
    left, right = st.columns([11, 9], gap="large")
    with left:
        chart, data = loss_curves(pair)
        chart_block(
            chart,
            data,
            name=f"isthmus-edge-{pair.record.key}",
            alt_text=f"Loss from mode {first} to mode {second}: the straight path rises to "
            f"{nats(edge['height_before'])}, the path found to {nats(edge['height_after'])}",
            key="mf_edge",
            note=f"A is mode {first}, C is mode {second}.",
        )
    with right:
        path_viewer(pair, key="mf_walk")
        st.caption("Drag over the curves, or use the slider and the arrow keys.")


def edge_pair(record: Record, row: int) -> Pair:
    """The straight path and, where a search bent it, the final one, of one of the record's pairs."""
    edge, arrays = record.tables["pairs"].iloc[row], record.arrays
    ends = arrays["modes"][[int(edge["first"]), int(edge["second"])]]
    begin, end = arrays["inner_offset"][[row, row + 1]]
    tracks = [_track(record, row, 0, "straight", ends)]
    if end > begin:
        nodes = np.concatenate([ends[:1], arrays["inner_nodes"][begin:end], ends[1:]])
        tracks.append(_track(record, row, int(edge["rounds"]), "final", nodes))
    key = f"{record.key[:8]}-{int(edge['first']) + 1}-{int(edge['second']) + 1}"
    return Pair(EdgeRecord(key, record.summary), tracks)  # type: ignore[arg-type]


def _track(record: Record, row: int, number: int, name: str, nodes: np.ndarray) -> Track:
    begin, end = record.arrays[f"{name}_offset"][[row, row + 1]]
    t, loss, seen = (
        record.arrays[f"{name}_{column}"][begin:end] for column in ("t", "loss", "prediction")
    )
    return Track(number, nodes, t.astype(np.float64), loss, seen)


def _words(edge: Any, first: int, second: int) -> str:
    before, after = float(edge["height_before"]), float(edge["height_after"])
    if edge["connected_before"]:
        return (
            f"The straight path is one of low loss already: at most {nats(before)}. Blends of modes "
            f"{first} and {second} are modes, too."
        )
    rounds = int(edge["rounds"])
    bent = f"after {rounds} round{'s' if rounds != 1 else ''} the path reaches {nats(after)}"
    verdict = "and is connected" if edge["connected_after"] else "and is still not connected"
    return f"The straight path rises to **{nats(before)}**; {bent} at most {verdict}."
