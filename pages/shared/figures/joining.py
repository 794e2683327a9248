"""Conjecture 5.1 in figures: pairs joined against input dimension, how far their paths stray, a map."""

from __future__ import annotations

import altair as alt
import numpy as np
import pandas as pd

from engine.plots import grammar as g
from engine.plots.palette import BYPASS, LAND, MARK, SEA, STRAIGHT

HEIGHT = 340
DIMENSION = "Input dimension"
BETWEEN = ("#C3A343", "#86A85C", "#3F9C8F", "#5A9FB8", "#7FA9D6")
"""Rounds between the straight line and the last one, in order."""

THEORY = "mean field, P²"
PATH_RADIUS = 1
ENDS_RADIUS = 4
PIXELS = 512
PERCENT = "format(100 * datum.value, '~g')"

TIPS = {
    "dimension": DIMENSION,
    "by": "Path",
    "fraction": "Pairs joined, share",
    "low": "95 % from, share",
    "high": "to, share",
    "pairs": "Pairs tried",
}


def joined_fractions(
    fractions: pd.DataFrame, dimensions: pd.DataFrame, delta: float
) -> tuple[g.Drawing, pd.DataFrame]:
    """Pairs joined by each round, with Wilson intervals, and what independent sites would give.

    The tables are a conjecture record's "fractions" and "dimensions".
    """
    data = fractions[np.isclose(fractions["delta"], delta)].reset_index(drop=True)
    named = data.assign(by=[_round_name(number) for number in data["round"]])
    theory = dimensions[np.isclose(dimensions["delta"], delta)]
    x = _dimension(data)
    y = g.up("fraction", "Pairs joined (%)", domain=[0, 1], labelExpr=PERCENT)
    color = g.colors("by", _round_colors(data["round"].max()), columns=2, symbolOpacity=1)
    mean_field = g.of(y, "theory")
    chart = g.draw(
        g.mark("rule", named, x=x, y=g.of(y, "low"), y2="high", color=color, opacity=0.5),
        g.line(named, x, y, TIPS, dots=45, color=color),
        g.line(theory.assign(by=THEORY), x, mean_field, color=color, strokeDash=g.DASH),
        height=HEIGHT,
    )
    return chart, data.merge(theory[["dimension", "theory"]], on="dimension", how="left")


def detours(dimensions: pd.DataFrame) -> tuple[g.Drawing, pd.DataFrame]:
    """How far bent paths leave the straight line, in units of its length, one line a tolerance."""
    data = dimensions.dropna(subset=["detour"])[["dimension", "delta", "detour"]]
    shades = g.series(sorted(data["delta"].unique().tolist()))
    y = g.up("detour", "Distance from the line / its length", log=True, nice=False)
    tips = {
        "dimension": DIMENSION,
        "delta": "δ (sd of f)",
        "detour": "Detour (of the line's length)",
    }
    color = g.colors("delta", shades, title="Tolerance δ (sd of f)")
    chart = g.draw(
        g.line(data, _dimension(dimensions), y, tips, dots=30, color=color), height=HEIGHT
    )
    return chart, data


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
    form: g.Look = {"type": "log", "base": 2, "values": values, "format": "d", "labelOverlap": True}
    return g.across("dimension", DIMENSION, **form)


def _round_name(number: int) -> str:
    return f"after round {number}" if number else "straight line"


def _round_colors(last: int) -> dict[str, str]:
    """The colour of each round, the last in that of paths found, and that of theory."""
    between = [BETWEEN[min(k, len(BETWEEN) - 1)] for k in range(last - 1)]
    shades = [STRAIGHT, *between, BYPASS][: last + 1]
    return {_round_name(k): shade for k, shade in enumerate(shades)} | {THEORY: MARK}
