"""The parts of a result that pages of pairs share: the verdict, the curves, the viewer, the link."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from pages.shared.chart_block import chart_block
from pages.shared.figures import loss_curves
from pages.shared.path_viewer import path_viewer
from pages.shared.tracks import Pair
from pages.shared.words import nats


def verdict(numbers: Mapping[str, Any]) -> None:
    """Whether a search found a connected path, and what to try where it did not."""
    if numbers["connected"]:
        st.success(numbers["status"], icon=":material/check_circle:")
        return
    st.warning(
        f"{numbers['status']} Try more rounds, another path finder, or a higher threshold.",
        icon=":material/warning:",
    )


def scale_choice(key: str) -> bool:
    """The control of the loss axis; whether it is logarithmic."""
    scale = st.segmented_control(
        "Loss axis",
        ("Linear", "Logarithmic"),
        default="Linear",
        key=key,
        required=True,
        label_visibility="collapsed",
    )
    return scale == "Logarithmic"


def curves(pair: Pair, *, key: str, logarithmic: bool, highest: float = 0.0) -> None:
    """The loss along every path of a pair; a linear axis reaches at least to `highest`."""
    chart, data = loss_curves(pair, logarithmic, highest)
    first, last = pair.ends
    chart_block(
        chart,
        data,
        name=f"isthmus-curves-{first}{last.replace('′', '-prime')}-{pair.record.key[:8]}",
        alt_text=curve_words(pair),
        key=key,
        note="Shift and wheel zooms, dragging pans, a double click resets.",
    )


def viewer(pair: Pair, *, key: str) -> None:
    """The pictures along both paths of a pair, to drag through."""
    path_viewer(pair, key=key)
    st.caption("Drag over the curves, or use the slider and the arrow keys.")


def curve_words(pair: Pair) -> str:
    """What the curves show, for those who do not see them."""
    first, last = pair.ends
    numbers = pair.numbers
    words = (
        f"Loss from {first} to {last}: the straight path rises to {nats(numbers['height_before'])}"
    )
    if pair.final:
        words += f", the path found reaches at most {nats(numbers['height_after'])}"
    return words


def link(key: str) -> None:
    """The address of this page with its result."""
    base = (st.context.url or "").split("?")[0].rstrip("/")
    st.caption("Link to this result")
    st.code(f"{base}?run={key}", language=None, wrap_lines=True)
