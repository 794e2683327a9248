"""Conjecture 5.1 in figures: pairs joined against input dimension, how far their paths stray, a map."""

from __future__ import annotations

import altair as alt
import numpy as np
import pandas as pd

from engine.plots.curves import Drawing
from engine.plots.palette import BYPASS, LAND, MARK, SEA, SERIES, STRAIGHT

HEIGHT = 340
DIMENSION = "Input dimension"
BETWEEN = ("#C3A343", "#86A85C", "#3F9C8F", "#5A9FB8", "#7FA9D6")
"""Rounds between the straight line and the last one, in order."""

THEORY = "mean field, P²"
PATH_RADIUS = 1
ENDS_RADIUS = 4
PIXELS = 512


def joined_fractions(
    fractions: pd.DataFrame, dimensions: pd.DataFrame, delta: float
) -> tuple[Drawing, pd.DataFrame]:
    """Pairs joined by each round, with Wilson intervals, and what independent sites would give.

    The tables are a conjecture record's "fractions" and "dimensions".
    """
    data = fractions[np.isclose(fractions["delta"], delta)].reset_index(drop=True)
    data["by"] = [_round_name(number) for number in data["round"]]
    theory = dimensions[np.isclose(dimensions["delta"], delta)].assign(by=THEORY)
    names = [_round_name(number) for number in sorted(data["round"].unique())]
    between = [BETWEEN[min(k, len(BETWEEN) - 1)] for k in range(len(names) - 2)]
    colors = [STRAIGHT, *between, BYPASS][: len(names)] if len(names) > 1 else [STRAIGHT]
    color = alt.Color(
        "by:N",
        scale=alt.Scale(domain=[*names, THEORY], range=[*colors, MARK]),
        legend=alt.Legend(orient="top", title=None, columns=2, symbolOpacity=1),
    )
    y = alt.Scale(domain=[0, 1])
    base = alt.Chart(data).encode(x=_dimension(data), color=color)
    layers = [
        base.mark_rule(opacity=0.5).encode(
            y=alt.Y("low:Q", title="Share of pairs joined"), y2="high:Q"
        ),
        base.mark_line(strokeWidth=2.2).encode(y=alt.Y("fraction:Q", scale=y)),
        base.mark_point(filled=True, size=45, opacity=1).encode(
            y=alt.Y("fraction:Q", scale=y), tooltip=_tips()
        ),
        alt.Chart(theory)
        .mark_line(strokeDash=[5, 4], strokeWidth=1.8)
        .encode(x=_dimension(data), y=alt.Y("theory:Q", scale=y), color=color),
    ]
    expected = theory[["dimension", "theory"]]
    drawn = data.drop(columns="by").merge(expected, on="dimension", how="left")
    return alt.layer(*layers).properties(height=HEIGHT), drawn


def detours(dimensions: pd.DataFrame) -> tuple[Drawing, pd.DataFrame]:
    """How far bent paths leave the straight line, in units of its length, one line a tolerance."""
    data = dimensions.dropna(subset=["detour"])[["dimension", "delta", "detour"]]
    deltas = sorted(data["delta"].unique().tolist())
    chart = (
        alt.Chart(data)
        .mark_line(point=True)
        .encode(
            x=_dimension(dimensions),
            y=alt.Y(
                "detour:Q",
                title="Distance from the line / its length",
                scale=alt.Scale(type="log", nice=False),
                axis=alt.Axis(format="~g", values=[0.003, 0.01, 0.03, 0.1, 0.3, 1]),
            ),
            color=alt.Color(
                "delta:N",
                scale=alt.Scale(domain=deltas, range=[SERIES[k % len(SERIES)] for k in range(9)]),
                legend=alt.Legend(orient="top", title="Tolerance δ (sd of f)"),
            ),
            tooltip=[
                alt.Tooltip("dimension:Q", title=DIMENSION),
                alt.Tooltip("delta:N", title="δ (sd of f)"),
                alt.Tooltip("detour:Q", title="Detour", format=".3~g"),
            ],
        )
    )
    return alt.layer(chart).properties(height=HEIGHT), data


def plane_map(
    values: np.ndarray, reach: float, nodes: np.ndarray, level: float, goal: float
) -> np.ndarray:
    """f on a square as a picture, uint8 (H, W, 3), y upwards: land where |f - level| < goal.

    Outside it the sea is the deeper the farther f is from the level. The path through `nodes` (M, 2) and
    the straight line between its ends are drawn on it.
    """
    factor = max(1, round(PIXELS / len(values)))
    off = np.abs(values - level).repeat(factor, axis=0).repeat(factor, axis=1)
    shades = np.array([_rgb(color) for color in (LAND, *SEA)], dtype=np.uint8)
    depth = np.ceil(np.log2(np.maximum(off / goal, 0.5))).astype(int) + 1
    image = shades[np.where(off < goal, 0, np.clip(depth, 1, len(SEA)))]
    for places, color, radius in (
        (nodes[[0, -1]], STRAIGHT, PATH_RADIUS),
        (nodes, BYPASS, PATH_RADIUS),
    ):
        _draw(image, _along(places), reach, color, radius)
    _draw(image, nodes[[0, -1]], reach, STRAIGHT, ENDS_RADIUS)
    return image[::-1]


def _along(nodes: np.ndarray) -> np.ndarray:
    """Points close together on the polyline through `nodes` (M, 2)."""
    t = np.linspace(0, len(nodes) - 1, PIXELS * (len(nodes) - 1) + 1)
    stations = np.arange(len(nodes))
    return np.stack([np.interp(t, stations, nodes[:, axis]) for axis in (0, 1)], axis=1)


def _draw(image: np.ndarray, points: np.ndarray, reach: float, color: str, radius: int) -> None:
    side = len(image)
    middle = ((points + reach) / (2 * reach) * side).astype(int)
    for dx in range(-radius, radius + 1):
        for dy in range(-radius, radius + 1):
            x, y = (middle[:, 0] + dx).clip(0, side - 1), (middle[:, 1] + dy).clip(0, side - 1)
            image[y, x] = _rgb(color)


def _rgb(color: str) -> list[int]:
    return list(bytes.fromhex(color.removeprefix("#")))


def _dimension(data: pd.DataFrame) -> alt.X:
    values = sorted(data["dimension"].unique().tolist())
    axis = alt.Axis(values=values, format="d", labelOverlap=True)
    return alt.X("dimension:Q", title=DIMENSION, scale=alt.Scale(type="log", base=2), axis=axis)


def _round_name(number: int) -> str:
    return f"after round {number}" if number else "straight line"


def _tips() -> list[alt.Tooltip]:
    return [
        alt.Tooltip("dimension:Q", title=DIMENSION),
        alt.Tooltip("by:N", title="Path"),
        alt.Tooltip("fraction:Q", title="Pairs joined", format=".1%"),
        alt.Tooltip("low:Q", title="95 % from", format=".1%"),
        alt.Tooltip("high:Q", title="to", format=".1%"),
        alt.Tooltip("pairs:Q", title="Pairs tried"),
    ]
