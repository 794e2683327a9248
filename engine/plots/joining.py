"""Conjecture 5.1 in figures: pairs joined against input dimension, how far their paths stray, a map."""

from __future__ import annotations

import altair as alt
import numpy as np
import pandas as pd
from PIL import Image, ImageColor, ImageDraw

from engine.plots import grammar as g
from engine.plots.palette import BYPASS, LAND, MARK, SEA, STRAIGHT

HEIGHT = 340
DIMENSION = "Input dimension"
BETWEEN = ("#C3A343", "#86A85C", "#3F9C8F", "#5A9FB8", "#7FA9D6")
"""Rounds between the straight line and the last one, in order."""

THEORY = "Mean field, P²"
PATH_WIDTH = 3
ENDS_RADIUS = 4
PIXELS = 512

TIPS = {
    "dimension": DIMENSION,
    "by": "Path",
    "fraction": "Pairs joined, share",
    "low": "95 % from, share",
    "high": "to, share",
    "pairs": "Pairs tried",
}


def joined_fractions(fractions: pd.DataFrame, dimensions: pd.DataFrame, delta: float) -> g.Figure:
    """Pairs joined by each round, with Wilson intervals, and what independent sites would give.

    The tables are a conjecture record's "fractions" and "dimensions".
    """
    data = fractions[np.isclose(fractions["delta"], delta)].reset_index(drop=True)
    named = data.assign(by=[_round_name(number) for number in data["round"]])
    theory = dimensions[np.isclose(dimensions["delta"], delta)]
    x = _dimension(data)
    y = g.up("fraction", "Pairs joined (%)", domain=[0, 1], labelExpr=g.PERCENT)
    color = g.colors(
        "by", _round_colors(data["round"].max()), columns=g.fitting(4, 130), symbolOpacity=1
    )
    mean_field = g.of(y, "theory")
    chart = g.draw(
        g.interval(named, y, "low", "high", x=x, color=color, size=1, opacity=0.5),
        g.line(named, x, y, TIPS, dots=45, color=color),
        g.line(theory.assign(by=THEORY), x, mean_field, color=color, strokeDash=g.DASH),
        height=HEIGHT,
    )
    return chart, data.merge(theory[["dimension", "theory"]], on="dimension", how="left")


def detours(dimensions: pd.DataFrame) -> g.Figure:
    """How far bent paths leave the straight line, in units of its length, one line a tolerance."""
    data = dimensions.dropna(subset=["detour"])[["dimension", "delta", "detour"]]
    shades = g.series(sorted(data["delta"].unique().tolist()))
    y = g.up("detour", "Distance from the line / its length", log=True, nice=False)
    tips = {"dimension": DIMENSION, "delta": "δ (sd of f)", "detour": "Distance / length"}
    color = g.colors("delta", shades, title="Tolerance δ (sd of f)")
    lines = g.line(data, _dimension(dimensions), y, tips, dots=30, color=color)
    return g.draw(lines, height=HEIGHT), data


def plane_map(
    values: np.ndarray, reach: float, nodes: np.ndarray, level: float, goal: float
) -> np.ndarray:
    """f on a square as a picture, uint8 (H, W, 3), y upwards: land where |f - level| < goal.

    Outside it the sea is the deeper the farther f is from the level. The path through `nodes` (M, 2) and
    the straight line between its ends are drawn on it.
    """
    factor = max(1, round(PIXELS / len(values)))
    off = np.abs(values - level).repeat(factor, axis=0).repeat(factor, axis=1)
    shades = np.array([ImageColor.getrgb(color) for color in (LAND, *SEA)], dtype=np.uint8)
    depth = np.ceil(np.log2(np.maximum(off / goal, 0.5))).astype(int) + 1
    image = Image.fromarray(shades[np.where(off < goal, 0, np.clip(depth, 1, len(SEA)))])
    pen = ImageDraw.Draw(image)
    spots = [tuple(spot) for spot in (nodes + reach) / (2 * reach) * image.width]
    for route, color in ((spots[:: len(spots) - 1], STRAIGHT), (spots, BYPASS)):
        pen.line(route, fill=color, width=PATH_WIDTH)
    for x, y in spots[:: len(spots) - 1]:
        end = (x - ENDS_RADIUS, y - ENDS_RADIUS, x + ENDS_RADIUS, y + ENDS_RADIUS)
        pen.rectangle(end, fill=STRAIGHT)
    return np.asarray(image)[::-1]


def _dimension(data: pd.DataFrame) -> alt.X:
    values = sorted(data["dimension"].unique().tolist())
    form: g.Look = {"type": "log", "base": 2, "values": values, "format": "d", "labelOverlap": True}
    return g.across("dimension", DIMENSION, **form)


def _round_name(number: int) -> str:
    return f"After round {number}" if number else "Straight path"


def _round_colors(last: int) -> dict[str, str]:
    """The colour of each round, the last in that of paths found, and that of theory."""
    between = [BETWEEN[min(k, len(BETWEEN) - 1)] for k in range(last - 1)]
    shades = [STRAIGHT, *between, BYPASS][: last + 1]
    return {_round_name(k): shade for k, shade in enumerate(shades)} | {THEORY: MARK}
