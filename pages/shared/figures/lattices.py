"""Percolation in many dimensions: the order parameter against p, Monte Carlo beside mean field."""

from __future__ import annotations

from typing import Literal

import altair as alt
import pandas as pd

from engine.plots.curves import Drawing
from engine.plots.palette import SERIES

HEIGHT = 380
Axis = Literal["p", "neighbours"]

TITLES = {
    "p": "Probability p that a site is occupied",
    "neighbours": "Occupied neighbours of a site, on average (2dp)",
}
SHARE = "Share of occupied sites"
MOST_NEIGHBOURS = 4.0


def order_parameter(
    table: pd.DataFrame, measure: Literal["largest", "spanning"], axis: Axis
) -> tuple[Drawing, pd.DataFrame]:
    """One colour a dimension: points and bands from Monte Carlo, dashed lines from mean field.

    `table` is a percolation record's "order"; also returns the rows that are drawn.
    """
    data = table[table["measure"] == measure]
    if axis == "neighbours":
        data = data[data["neighbours"] <= MOST_NEIGHBOURS]
    data = data.drop(columns="measure").reset_index(drop=True)
    dimensions = sorted(data["dimension"].unique().tolist())
    picked = alt.selection_point(fields=["dimension"], bind="legend", name="picked")
    base = alt.Chart(data).encode(
        x=alt.X(
            f"{axis}:Q",
            title=TITLES[axis],
            scale=alt.Scale(nice=False),
            axis=alt.Axis(tickCount=8, labelOverlap=True),
        ),
        color=alt.Color(
            "dimension:N",
            scale=alt.Scale(domain=dimensions, range=SERIES[: len(dimensions)]),
            legend=alt.Legend(orient="top", title="Dimensions", symbolOpacity=1),
        ),
        opacity=alt.condition(picked, alt.value(1.0), alt.value(0.12)),
    )
    share = alt.Y("share:Q", title=SHARE, scale=alt.Scale(domain=[0, 1]))
    theory = base.mark_line(strokeDash=[5, 4], strokeWidth=1.5).encode(
        y=alt.Y("mean_field:Q", title=SHARE)
    )
    band = base.mark_area().encode(
        y=alt.Y("low:Q", title=SHARE),
        y2="high:Q",
        opacity=alt.condition(picked, alt.value(0.25), alt.value(0.03)),
    )
    line = base.mark_line(strokeWidth=2).encode(y=share)
    dots = base.mark_point(filled=True, size=28).encode(y=share, tooltip=_tips()).add_params(picked)
    return alt.layer(band, theory, line, dots).properties(height=HEIGHT), data


def _tips() -> list[alt.Tooltip]:
    return [
        alt.Tooltip("dimension:N", title="Dimensions"),
        alt.Tooltip("p:Q", title="p", format=".4f"),
        alt.Tooltip("neighbours:Q", title="2dp", format=".3f"),
        alt.Tooltip("share:Q", title="Monte Carlo", format=".4f"),
        alt.Tooltip("low:Q", title="95 % from", format=".4f"),
        alt.Tooltip("high:Q", title="to", format=".4f"),
        alt.Tooltip("mean_field:Q", title="Mean field", format=".4f"),
    ]
