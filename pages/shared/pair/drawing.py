"""The parts of a result that such pages share: the verdict, the numbers, the curves, the viewer."""

from __future__ import annotations

import numpy as np
import streamlit as st

from engine.experiments.pair.results import PairResult
from engine.images import amplify, to_bytes
from pages.shared.chart_block import chart_block, tools
from pages.shared.figures import loss_curves, search_trace
from pages.shared.fold import fold
from pages.shared.living_map import Chosen, path_map, plane_table
from pages.shared.strip import data_uri, image_strip, node_strip
from pages.shared.views import one_of
from pages.shared.words import counted, figure, nats, plain

OUT_OF_PLANE = 1e-3
"""Image distance from the plane above which a node is said to lie beside it; less is rounding."""

ADVICE = " Try more rounds, another path finder, or a higher threshold."


def verdict(connected: bool, status: str, advice: str = "") -> None:
    """How a search ended, in green where all is connected; the advice only where it is not."""
    if connected:
        st.success(status, icon=":material/check_circle:")
    else:
        st.warning(status + advice, icon=":material/warning:")


def metric(label: str, value: str, words: str, beside: str = "") -> None:
    """A number with its meaning, and with what to compare it to below it."""
    st.metric(
        label,
        value,
        delta=beside or None,
        delta_color="off",
        delta_arrow="off",
        help=words,
        border=True,
    )


def path_numbers(pair: PairResult, other: PairResult | None = None) -> None:
    """Both peaks and the rounds, each beside that of another pair where there is one."""
    found, last = pair.numbers, pair.ends[1]

    def beside(words: str) -> str:
        return f"to {other.ends[1]}: {words}" if other else ""

    than = other.numbers if other else found
    metric(
        "Peak, straight path",
        nats(found["height_before"]),
        f"The highest loss on the straight path from A to {last}. The gap, what it adds to the higher "
        f"of the two ends, is {nats(found['gap_before'])}"
        + (f"; for the one to {other.ends[1]}, {nats(than['gap_before'])}." if other else "."),
        beside(nats(than["height_before"])),
    )
    metric(
        "Peak, path found",
        nats(found["height_after"]),
        f"The highest loss on the path found. The threshold is {nats(pair.threshold)}. The gap is "
        f"{nats(found['gap_after'])}.",
        beside(nats(than["height_after"])),
    )
    metric(
        "Rounds",
        str(found["rounds"]),
        "Each round bends every segment whose loss is still above the threshold. The path found has "
        f"{counted(found['segments'], 'segments')}"
        + (f", the one to {other.ends[1]} {than['segments']}." if other else "."),
        beside(str(than["rounds"])),
    )


def scale_choice(key: str) -> bool:
    """The control of the loss axis; whether it is logarithmic."""
    return one_of("Loss axis", ("Linear", "Logarithmic"), key) == "Logarithmic"


def curves(pair: PairResult, *, key: str, logarithmic: bool, highest: float = 0.0) -> None:
    """The loss along every path of a pair; a linear axis reaches at least to `highest`."""
    chart_block(
        loss_curves(pair, logarithmic, highest),
        key=key,
        of=pair.key[:8],
        alt_text=curve_words(pair),
    )


def viewer(pair: PairResult, *, key: str) -> Chosen:
    """The map of a pair, where its record holds one, and the pictures along both paths, to drag through."""
    arrays = pair.arrays
    chosen = path_map(pair, arrays, key=key)
    if "plane_loss" not in arrays:
        words = "Drag over the curves, or use the slider and the arrow keys."
        st.caption(f"{words} {unmapped(pair, 'map')}" if pair.final else words)
        return chosen
    beside = float(arrays["plane_offset"].max())
    if beside > OUT_OF_PLANE:
        st.caption(
            f"Later rounds left this plane, up to {figure(beside)} away (distance): their pictures are drawn "
            "at its nearest point, where the loss is not theirs."
        )
    map_tools(pair, key=key)
    return chosen


def unmapped(pair: PairResult, map_or_plane: str) -> str:
    """Why there is no map of a pair."""
    if pair.spec.part_of:
        return f"Its {map_or_plane} is measured last."
    return f"No {map_or_plane} was asked for: set its resolution under More settings."


def map_tools(pair: PairResult, prefix: str = "", *, key: str) -> None:
    """The losses on the map of a pair as a table and a file."""
    tools(
        lambda: plane_table(pair, prefix),
        key=f"{key}_map",
        of=pair.key[:8],
        alt_text="the losses on the map",
    )


def curve_words(pair: PairResult) -> str:
    """What the curves show, for those who do not see them."""
    first, last = pair.ends
    numbers = pair.numbers
    words = (
        f"Loss from {first} to {last}: the straight path rises to {nats(numbers['height_before'])}"
    )
    if pair.final:
        words += f", the path found reaches at most {nats(numbers['height_after'])}"
    return words


def side_by_side(pair: PairResult, prefix: str) -> None:
    """The pictures of a pair, folded: what the first round found, the paths, the nodes."""

    def draw() -> None:
        if pair.final:
            new_node(pair)
        st.header("Along both paths" if pair.final else "Along the path", anchor=False)
        image_strip(pair)
        st.header("The nodes of the path", anchor=False)
        node_strip(pair)

    if pair.pictured:
        fold("Its pictures, side by side", "photo_library", f"{prefix}_side", draw)


SIDE = 224
COLUMNS = {
    "round": "Round",
    "segments": "Segments",
    "height": "Highest loss (nats)",
    "gap": "Gap (nats)",
    "position": "Where (t, 0 to 1)",
    "connected": "Connected",
    "measured": "Points measured",
}
BEND_COLUMNS = {
    "round": "Round",
    "segment": "Segment",
    "barrier_before": "Barrier before (nats)",
    "barrier_after": "Barrier after (nats)",
    "steps": "Steps",
    "outside": "Outside [0, 1] by (pixel range)",
    "drift": "Off its hyperplane (share of its segment)",
}


def new_node(pair: PairResult) -> None:
    """B, B′ and their difference: what the search changed."""
    first = pair.tracks[1]
    node = first.farthest
    place = first.stations[[node]]
    before, after = pair.straight.pictures(place)[0], first.nodes[node]
    difference, factor = amplify(after - before)
    change = float(np.sqrt(((after - before) ** 2).mean()))
    st.header("The picture that the first round found", anchor=False)
    with st.grid(3, min_column_width=100):
        picture(to_bytes(before), f"**B**, {_at(pair, 0, place)}", "picture B")
        picture(to_bytes(after), f"**B′**, {_at(pair, 1, place)}", "picture B prime")
        picture(difference, f"**B′ − B**, × {figure(factor)}", "B prime minus B, amplified")
    st.caption(
        f"B is the top of the barrier, B′ what the search made of it, by {figure(change)} of the colour "
        "range (root mean square)."
    )


def trace(pair: PairResult, prefix: str) -> None:
    """How the loss of every new picture fell as it was optimised."""
    st.header("The search, step by step", anchor=False)
    table = pair.trace
    if table.empty:
        st.caption("There was nothing to search for: the straight path is low enough.")
        return
    chart_block(
        search_trace(table, pair.threshold),
        "Loss of the new picture. Dashed: the threshold.",
        key=f"{prefix}_trace",
        of=pair.key[:8],
    )


def search(pair: PairResult, prefix: str) -> None:
    """How the path was found, folded."""

    def draw() -> None:
        trace(pair, prefix)
        rounds(pair)

    if pair.final:
        fold("The search, step by step", "query_stats", f"{prefix}_depth", draw)


def rounds(pair: PairResult, title: str = "Rounds") -> None:
    """The rounds as a table, and every bypass in them."""
    st.header(title, anchor=False)
    table = pair.rounds
    told = table[[name for name in COLUMNS if name in table]].assign(
        **{name: table[name].map(figure) for name in ("height", "gap", "position")},
        connected=table["connected"].map({True: "yes", False: "no"}),
    )
    st.table(
        told.rename(columns=COLUMNS),
        hide_index=True,
        alt="Highest loss and gap of the path after every round; round 0 is the straight path",
    )
    interpolated = " Points between those measured are interpolated." if "measured" in table else ""
    st.caption(
        f"Round 0 is the straight path. The gap is what a barrier adds to the higher end.{interpolated}"
    )
    st.markdown("**Every bypass**")
    st.dataframe(
        pair.bends[list(BEND_COLUMNS)].rename(columns=BEND_COLUMNS),
        hide_index=True,
        alt="The barrier before and after every bypass, its steps and its accuracy",
    )


def _at(pair: PairResult, number: int, place: np.ndarray) -> str:
    track = pair.tracks[number]
    seen = pair.label(int(track.prediction_at(place)[0]))
    return f"{nats(float(track.loss_at(place)[0]))}, seen as {plain(seen)}"


def picture(image: np.ndarray, caption: str, alt: str) -> None:
    """A picture with words below it, for a column of a grid."""
    # Small pictures are enlarged pixel by pixel here: a browser would blur them.
    st.image(data_uri(image, SIDE), caption=caption, width="stretch", alt=alt)
