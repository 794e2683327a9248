"""The parts of a result that such pages share: the verdict, the numbers, the curves, the viewer."""

from __future__ import annotations

import streamlit as st

from engine.experiments.pair.results import PairResult
from pages.shared.chart_block import chart_block, tools
from pages.shared.figures import loss_curves
from pages.shared.living_map import Chosen, path_map, plane_table
from pages.shared.one_of import one_of
from pages.shared.strip import image_strip
from pages.shared.words import counted, figure, nats

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
        asked = " No map was asked for: set its resolution under More settings."
        st.caption(words + asked if pair.final else words)
        return chosen
    beside = float(arrays["plane_offset"].max())
    if beside > OUT_OF_PLANE:
        st.caption(
            f"Later rounds left this plane, by up to {figure(beside)}: their pictures are drawn at its "
            "nearest point, where the loss is not theirs."
        )
    map_tools(pair, key=key)
    return chosen


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


def strip(pair: PairResult) -> None:
    """The pictures along the paths."""
    st.subheader("Along both paths" if pair.final else "Along the path", anchor=False)
    image_strip(pair)
