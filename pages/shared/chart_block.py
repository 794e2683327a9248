"""A chart as every page shows it: hover, the numbers as a table, downloads as PNG, SVG and CSV."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Literal

import pandas as pd
import streamlit as st

from engine.plots.files import picture
from engine.plots.grammar import Drawing, Figure, axes_of
from pages.shared.downloads import File, file_button
from pages.shared.figures.remembered import specification
from pages.shared.fragments import fragment
from pages.shared.look import theme

UNITS = {
    "loss": "loss (nats)",
    "x": "along the straight line (distance)",
    "y": "away from it (distance)",
}
"""Names of columns as tables and files show them."""


def chart_block(
    figure: Figure,
    note: str = "",
    *,
    key: str,
    of: str = "",
    alt_text: str = "",
    on_select: Callable[[], None] | Literal["ignore"] = "ignore",
    width: Literal["stretch", "content"] = "stretch",
) -> None:
    """Draw a figure; below it what to see in it (`note`), its table and its downloads.

    `key` is unique on the page; without the page's prefix it is the name of files, and `of` their end.
    `alt_text` says what the chart shows where its axes do not. `on_select` is called when a mark of a
    chart with a selection is clicked; what was selected is in the session's state under <key>_chart.
    A figure that is as wide as it is, not as its place, has its "content" as its `width`.
    """
    drawn, data = figure
    alt_text = alt_text or axes_of(drawn)
    with st.container(gap=None):
        chart(figure, key=key, alt_text=alt_text, on_select=on_select, width=width)
        if note:
            st.caption(note)
        tools(lambda: data, drawn, key=key, of=of, alt_text=alt_text)


def chart(
    figure: Figure,
    *,
    key: str,
    alt_text: str = "",
    on_select: Callable[[], None] | Literal["ignore"] = "ignore",
    width: Literal["stretch", "content"] = "stretch",
) -> None:
    """The chart alone, for those whose tools stand elsewhere."""
    st.vega_lite_chart(
        specification(figure[0], theme()),
        alt=alt_text or axes_of(figure[0]),
        key=f"{key}_chart",
        on_select=on_select,
        width=width,
    )


@fragment
def tools(
    data: Callable[[], pd.DataFrame],
    chart: Drawing | None = None,
    *,
    key: str,
    of: str,
    alt_text: str,
) -> None:
    """Table and downloads, as in `chart_block`; a fragment: opening the table runs nothing else again."""
    name = "-".join(filter(None, ("isthmus", *key.split("_")[1:], of)))
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        _table(data, alt_text, key)
        _downloads(chart, data, name, key)


def _table(data: Callable[[], pd.DataFrame], alt_text: str, key: str) -> None:
    popover = st.popover(
        "Table", icon=":material/table:", type="tertiary", key=f"{key}_table", on_change="rerun"
    )
    if popover.open:
        shown = data().rename(columns=UNITS)
        popover.dataframe(shown, hide_index=True, alt=f"The numbers behind the chart: {alt_text}")


def _downloads(
    chart: Drawing | None, data: Callable[[], pd.DataFrame], name: str, key: str
) -> None:
    popover = st.popover(
        "Download",
        icon=":material/download:",
        type="tertiary",
        key=f"{key}_download",
        on_change="rerun",
    )
    if not popover.open:
        return
    with popover:
        if chart:
            for kind in ("png", "svg"):
                label = f"Picture ({kind.upper()})"
                file_button(File(label, f".{kind}", partial(picture, chart, kind)), name, key)
        table = File("Numbers (CSV)", ".csv", lambda: data().rename(columns=UNITS))
        file_button(table, name, key)
