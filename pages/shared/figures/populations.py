"""Loss curves of a population: the mean and the quartile band of each branch, and one pair over its band."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import altair as alt
import numpy as np
import pandas as pd

from engine.plots.curves import HEIGHT, LOSS, Drawing, zoom
from engine.plots.palette import MARK
from pages.shared.figures.branches import branch_color, color_of
from pages.shared.words import figure, nats

MOST_POINTS = 126
"""Of finer curves this many points are drawn, both ends among them."""

Curves = Mapping[str, np.ndarray]
"""The name of a branch -> its loss curves (N, points) in nats."""


def mean_curves(t: np.ndarray, curves: Curves) -> tuple[Drawing, pd.DataFrame]:
    """The mean loss along the straight paths of each branch over its band of quartiles, and the table."""
    table = pd.concat(
        (band_table(t, own).assign(branch=name) for name, own in curves.items()), ignore_index=True
    )
    base = alt.Chart(table).encode(x=_x())
    band = base.mark_area(opacity=0.22).encode(
        color=branch_color("stroke"),
        y=alt.Y("lower_quartile:Q", title=LOSS),
        y2="upper_quartile:Q",
    )
    lines = base.mark_line(strokeWidth=2.5).encode(
        color=branch_color("stroke"),
        y=alt.Y("mean:Q", title=LOSS),
        strokeDash=alt.StrokeDash(
            "branch:N",
            scale=alt.Scale(domain=list(curves), range=[[6, 3], [1, 0]]),
            legend=None,
        ),
        tooltip=["branch:N", *_tips()],
    )
    chart = alt.layer(band, lines.add_params(zoom()))
    return chart.properties(height=HEIGHT), _printed(table)


def pair_curve(
    t: np.ndarray, curve: np.ndarray, branch: str, others: np.ndarray
) -> tuple[Drawing, pd.DataFrame]:
    """One pair's curve with its barrier, over the quartile band of `others` (N, points), and the table."""
    band = band_table(t, others)
    own = pd.DataFrame({"t": t, "mean": curve}).iloc[_chosen(len(t))]
    color = color_of(branch)
    top = int(np.argmax(curve))
    high = max(float(curve.max()), float(band["upper_quartile"].max())) * 1.12
    y = alt.Y("mean:Q", title=LOSS, scale=alt.Scale(domain=[0, high or 1.0], nice=False))
    area = (
        alt.Chart(band)
        .mark_area(color=MARK, opacity=0.28)
        .encode(x=_x(), y=alt.Y("lower_quartile:Q", title=LOSS), y2="upper_quartile:Q")
    )
    line = (
        alt.Chart(own)
        .mark_line(color=color, strokeWidth=2.5)
        .encode(x=_x(), y=y, tooltip=[_tip("t", "t", ".3f"), _tip("mean", LOSS)])
        .add_params(zoom())
    )
    chart = alt.layer(area, line, *_barrier(float(t[top]), float(curve[top]), curve, y, color))
    table = pd.DataFrame({"t": t, "loss": curve}).merge(
        _printed(band.drop(columns=["mean", "median"])), how="left", on="t"
    )
    return chart.properties(height=HEIGHT), table


def band_table(t: np.ndarray, curves: np.ndarray) -> pd.DataFrame:
    """One row a place t: mean, median and quartiles of the curves (N, points) there, in nats."""
    rows = _chosen(len(t))
    drawn = curves[:, rows].astype(np.float64)
    lower, median, upper = np.quantile(drawn, [0.25, 0.5, 0.75], axis=0)
    return pd.DataFrame(
        {
            "t": t[rows],
            "mean": drawn.mean(0),
            "lower_quartile": lower,
            "median": median,
            "upper_quartile": upper,
        }
    )


def _chosen(points: int) -> np.ndarray:
    """The points that are drawn."""
    rows: np.ndarray = np.unique(
        np.linspace(0, points - 1, min(points, MOST_POINTS)).round().astype(int)
    )
    return rows


def _barrier(
    place: float, height: float, curve: np.ndarray, y: alt.Y, color: str
) -> list[alt.Chart]:
    """The top of the curve, and a rule from the higher end up to it: the gap."""
    end = float(max(curve[0], curve[-1]))
    words = f"height {figure(height)}, gap {nats(height - end)}"
    data = pd.DataFrame({"t": [place], "mean": [height], "end": [end], "words": [words]})
    base = alt.Chart(data).encode(x=_x(), y=y)
    align: Literal["left", "right"] = "left" if place < 0.5 else "right"
    return [
        base.mark_rule(color=MARK, size=1.5, strokeDash=[4, 3]).encode(y2="end:Q"),
        base.mark_point(filled=True, size=80, color=color, opacity=1),
        base.mark_text(
            align=align, dx=9 if align == "left" else -9, dy=-9, fontSize=12, color=color
        ).encode(text="words:N"),
    ]


def _x() -> alt.X:
    title = "t along the straight path (0 = first image, 1 = second)"
    return alt.X("t:Q", title=title, scale=alt.Scale(domain=[0, 1], nice=False))


def _tip(field: str, title: str, form: str = ".3~g") -> alt.Tooltip:
    return alt.Tooltip(f"{field}:Q", title=title, format=form)


def _tips() -> list[alt.Tooltip]:
    return [
        _tip("t", "t", ".3f"),
        _tip("mean", "Mean (nats)"),
        _tip("median", "Median (nats)"),
        _tip("lower_quartile", "Lower quartile (nats)"),
        _tip("upper_quartile", "Upper quartile (nats)"),
    ]


def _printed(table: pd.DataFrame) -> pd.DataFrame:
    names = [name for name in table.columns if name not in ("t", "branch")]
    return table.rename(columns={name: f"{name.replace('_', ' ')} (nats)" for name in names})
