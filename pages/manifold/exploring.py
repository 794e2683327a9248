"""Several modes of one class: how many hold together, their wall, a walk, what they span."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from engine.experiments.synthesis.results import ModesResult
from engine.records import Record
from pages.detector.verdict.state import ask
from pages.manifold.wall import NEAR_WORDS, wall
from pages.shared.chart_block import chart_block, tools
from pages.shared.downloads import File, array_files, take, take_away
from pages.shared.figures import loss_curves
from pages.shared.living_map import hull_map, hull_table, path_map
from pages.shared.pair import drawing
from pages.shared.words import counted, nats, share


def many_modes(record: Record) -> Callable[[], None]:
    """What one sees first of a record of several modes; draws the rest when it is called."""
    found, summary = record.found(ModesResult), record.summary
    drawing.verdict(summary["connected"], summary["status"])
    if summary["rejected"]:
        st.caption(
            f"{counted(summary['rejected'], 'synthetic images')} did not converge: no mode, and left "
            "out of everything below."
        )
    if not found.explored:
        return lambda: take(record, key="mf_take")
    row = graph(record, found)
    return lambda: _rest(record, found, row)


def _rest(record: Record, found: ModesResult, row: int) -> None:
    walk(found, row)
    _numbers(record.summary)
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
            "Barrier (nats)",
            f"{summary['height_before']:.2f} → {summary['height_after']:.2f}",
            "The highest loss on any straight path, and on any path found. The longest search took "
            f"{counted(summary['most_rounds'], 'rounds')}.",
        )


ROW = "mf_edge_row"
PAIR_COLUMNS = {
    "pair": "Modes",
    "height_before": "Straight (nats)",
    "height_after": "Found (nats)",
    "rounds": "Rounds",
    "connected_after": "Connected",
    "distance": "Image distance",
}


def graph(record: Record, found: ModesResult) -> int:
    """The wall beside the table of pairs; the row of the pair that is chosen."""
    st.subheader("The modes and the paths between them", anchor=False)
    left, right = st.columns([11, 9], gap="large")
    with right:
        row = _table(found.pairs)
    with left:
        wall(record, row, key="mf_wall", on_edge=_walk)
        st.caption(
            f"Drag pictures, click an edge to walk it. Small: {NEAR_WORDS[0].lower()}{NEAR_WORDS[1:]}."
        )
    return row


def _walk(row: int) -> None:
    """An edge was clicked: walk along it below, too."""
    st.session_state[ROW] = row


def _table(pairs: pd.DataFrame) -> int:
    """All pairs; the row that is selected, else that of the highest barrier."""
    names = [f"{a + 1} to {b + 1}" for a, b in zip(pairs["first"], pairs["second"], strict=True)]
    picked = st.dataframe(
        pairs.assign(pair=names)[list(PAIR_COLUMNS)].rename(columns=PAIR_COLUMNS),
        hide_index=True,
        height=360,
        key="mf_pairs",
        on_select="rerun",
        selection_mode="single-row",
        column_config={
            PAIR_COLUMNS[name]: st.column_config.NumberColumn(format="%.3g")
            for name in ("distance", "height_before", "height_after")
        },
        alt="Barriers between every two modes before and after the search",
    )
    highest = int(pairs["height_before"].to_numpy().argmax())
    choices = list(range(len(pairs)))
    rows = picked["selection"]["rows"]
    start = rows[0] if rows and rows[0] < len(pairs) else highest
    if st.session_state.get("mf_picked") != (start, len(pairs)):
        st.session_state["mf_picked"] = (start, len(pairs))
        st.session_state[ROW] = start
    row = st.selectbox("Walk along", choices, format_func=lambda k: f"Modes {names[k]}", key=ROW)
    return int(row)


def walk(found: ModesResult, row: int) -> None:
    """The pictures and losses along the edge of `row` of the record's pairs."""
    pair = found.paths(row)
    edge = found.pairs.iloc[row]
    first, second = int(edge["first"]) + 1, int(edge["second"]) + 1
    st.subheader(f"From mode {first} to mode {second}", anchor=False)
    st.markdown(_words(edge, first, second))
    left, right = st.columns([11, 9], gap="large")
    with left:
        chart_block(
            loss_curves(pair),
            f"A is mode {first}, C is mode {second}.",
            key="mf_edge",
            of=pair.key,
            alt_text=f"Loss from mode {first} to mode {second}: the straight path rises to "
            f"{nats(edge['height_before'])}, the path found to {nats(edge['height_after'])}",
        )
    with right:
        path_map(pair, {}, key="mf_walk")
        st.caption("Drag over the curves, or use the slider and the arrow keys.")


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


COLUMNS = {
    "modes": "Modes",
    "size": "Corners",
    "blends": "Blends",
    "highest": "Highest loss (nats)",
    "mean": "Mean loss (nats)",
    "below": "Share below the threshold",
}


def hull_view(found: ModesResult) -> None:
    """The triangle of any three modes, and the table of all groups."""
    st.subheader("Between three modes and more", anchor=False)
    table = found.hulls
    if table is None:
        st.caption("Hulls need at least three modes, and steps on their grid (More, Hull steps).")
        return
    left, right = st.columns([11, 9], gap="large")
    with left:
        _triangle(found)
    with right:
        st.dataframe(
            table[list(COLUMNS)].rename(columns=COLUMNS),
            hide_index=True,
            height=420,
            column_config={
                COLUMNS["below"]: st.column_config.NumberColumn(format="percent"),
                COLUMNS["highest"]: st.column_config.NumberColumn(format="%.3g"),
                COLUMNS["mean"]: st.column_config.NumberColumn(format="%.3g"),
            },
            alt="Highest and mean loss over the blends of every three and four modes and of all",
        )
        whole = table.iloc[-1]
        of = f"all {whole['size']}" if whole["size"] > 4 else whole["modes"]
        st.caption(
            f"Over blends of modes {of}, {share(float(whole['below']))} have a loss below "
            f"{nats(found.threshold)}. Where that falls as corners are added, the modes do not lie in one "
            "convex piece of low loss, even if paths join them."
        )


def _triangle(found: ModesResult) -> None:
    arrays, count, threshold = found.arrays, len(found.images), found.threshold
    numbers = list(range(1, count + 1))
    name = "mf_corners"
    if any(number > count for number in st.session_state.get(name, [])):
        del st.session_state[name]
    chosen = st.multiselect(
        "Three modes",
        numbers,
        default=_widest(found),
        key=name,
        max_selections=3,
        format_func=lambda number: f"Mode {number}",
        help="The corners of the triangle.",
    )
    if len(chosen) != 3:
        st.info("Choose three modes to see the loss over all their blends.")
        return
    corners = sorted(number - 1 for number in chosen)
    row = int(np.flatnonzero((arrays["hull_corners"] == corners).all(1))[0])
    loss = arrays["hull_loss"][row]
    ask(hull_map(found, row, key="mf_hull"), found.spec.classifier)
    st.caption(
        f"Every point is a blend of the three. {share(float((loss <= threshold).mean()))} of them "
        f"have a loss below {nats(threshold)}; the highest is {nats(float(loss.max()))}."
    )
    tools(
        lambda: hull_table(found, row),
        key="mf_hull",
        of=found.key[:8],
        alt_text="the losses of the blends",
    )


def _widest(found: ModesResult) -> list[int]:
    """The three modes whose blends differ most in loss: the most telling triangle to begin with."""
    highest = found.arrays["hull_loss"].max(axis=1)
    return [int(k) + 1 for k in found.arrays["hull_corners"][int(np.argmax(highest))]]
