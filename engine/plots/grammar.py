"""The grammar of all figures: channels say what lies where, marks draw it, `draw` lays them together.

A figure declares its axes once and gives them to every mark that lies on them. A column that holds
another end of the same quantity goes on the same axis with `of`. Every mark that has `tips` shows them
under the pointer; a line, which has no place of its own there, shows those of its nearest point.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from engine.plots.palette import MARK, SERIES
from engine.words import SUPERSCRIPTS

Drawing = alt.Chart | alt.LayerChart | alt.FacetChart
"""A chart, or what layering charts gives."""

Figure = tuple[Drawing, pd.DataFrame]
"""A chart, and what it shows as a table."""

Layers = list[alt.Chart]
Look = dict[str, Any]
"""Channels, columns and properties of a mark, or the form of a legend or an axis, by their names."""

Tips = Sequence[str] | Mapping[str, str]
"""The columns that the pointer tells, under their own names or, by column, under others."""

HEIGHT = 300
NUMBER = ",.3~r"
"""Three significant digits and no computer notation: how tips show fractions."""

SHARE = ", share"
"""Ends the name of a share of one, which tips show in percent."""

PERCENT = "format(100 * datum.value, '~g')"
"""How the labels of an axis show shares of one in percent."""

WORDS = {"loss": "Loss (nats)", "predicted": "Seen as", "class": "Class"}
"""Columns whose names say too little."""

DASH = [5, 4]
STROKE: Look = {"symbolType": "stroke", "symbolStrokeWidth": 3, "symbolOpacity": 1}
"""A legend of lines, where its marks would be points or areas."""

_SCALE = ("base", "domain", "domainMax", "domainMin", "nice", "padding", "type", "zero")
_FIELDS = ("detail", "order", "text", "url", "x", "x2", "y", "y2")
_POWERS = range(-8, 6)
_ENDS: dict[bool | None, Look] = {
    None: {"align": "center", "dx": 0, "x": alt.value(alt.ExprRef("width / 2"))},
    False: {"align": "left", "dx": 5, "x": alt.value(0)},
    True: {"align": "right", "dx": -5, "x": alt.value("width")},
}


def across(field: str, title: str | None, **form: Any) -> alt.X:
    """A quantity along the horizontal axis; `title` names it with its unit, None draws no axis.

    `form` is of scale and axis alike: domain=(0, 1), zero=False, tickCount=5; log=True for a
    logarithmic one with ticks at 1 and 3 of every power of ten.
    """
    return alt.X(f"{field}:Q", title=title, **_axis(title, form))


def up(field: str, title: str | None, **form: Any) -> alt.Y:
    """A quantity along the vertical axis, as `across`."""
    return alt.Y(f"{field}:Q", title=title, **_axis(title, form))


def of(axis: Any, field: str) -> Any:
    """Another column on the same axis."""
    other = axis.copy()
    other.shorthand = f"{field}:Q"
    return other


def column(axis: alt.X | alt.Y) -> str:
    """The column that an axis was declared for."""
    return str(axis.shorthand).removesuffix(":Q")


def listed(field: str, names: Sequence[str]) -> alt.Y:
    """One row a name, from top to bottom; the names say what the axis is."""
    return alt.Y(f"{field}:N", sort=list(names), title=None, axis=alt.Axis(labelLimit=220))


def above(field: str, names: Sequence[str]) -> alt.Y:
    """As `listed`, each name above its row, where there is the whole width for it."""
    return alt.Y(
        f"{field}:N",
        sort=list(names),
        title=None,
        axis=alt.Axis(
            domain=False,
            labelAlign="left",
            labelLimit=alt.ExprRef("width"),
            labelOffset=-16,
            labelPadding=-6,
            ticks=False,
        ),
    )


def legend(title: str | None = None, **form: Any) -> alt.Legend:
    """Names above the figure."""
    return alt.Legend(**{"orient": "top", "title": title, "labelLimit": 220, **form})


def fitting(most: int, wide: int) -> alt.ExprRef:
    """As many columns of a legend, `most` at the most, as fit, each `wide` pixels wide; at least one."""
    return alt.ExprRef(f"clamp(floor(width / {wide}), 1, {most})")


def colors(field: str, values: Mapping[Any, str], named: bool = True, **form: Any) -> alt.Color:
    """A colour for each value of a column; `form` is the legend's, if they are `named` there."""
    return alt.Color(f"{field}:N", scale=_each(values), legend=legend(**form) if named else None)


def marks(field: str, values: Mapping[Any, tuple[str, str]], **form: Any) -> Look:
    """A colour and a shape for each value of a column, for those who do not see colours."""
    shapes = _each({name: shape for name, (_, shape) in values.items()})
    shape = alt.Shape(f"{field}:N", scale=shapes, legend=legend(**form))
    return {
        "color": colors(field, {name: color for name, (color, _) in values.items()}, **form),
        "shape": shape,
    }


def dashes(field: str, values: Mapping[Any, list[int]], **form: Any) -> alt.StrokeDash:
    """A dash for each value of a column; a legend only where one is described."""
    named = legend(**form) if form else None
    return alt.StrokeDash(f"{field}:N", scale=_each(values), legend=named)


def series(names: Iterable[Any], palette: Sequence[str] = SERIES) -> dict[Any, str]:
    """A colour for each different name in its order; where there are more, the colours begin anew."""
    return {name: palette[k % len(palette)] for k, name in enumerate(dict.fromkeys(names))}


def mark(kind: str, data: pd.DataFrame, tips: Tips | None = None, **form: Any) -> alt.Chart:
    """Marks of one kind, a row of `data` each: channels, columns and looks by their names."""
    channels = {
        name: value
        for name, value in form.items()
        if name in _FIELDS
        or (isinstance(value, dict | alt.SchemaBase) and not isinstance(value, alt.ExprRef))
    }
    look = {name: value for name, value in form.items() if name not in channels}
    if tips:
        said = tips if isinstance(tips, Mapping) else {name: WORDS.get(name, name) for name in tips}
        channels["tooltip"] = [_tip(data[field], field, title) for field, title in said.items()]
    chart: alt.Chart = getattr(alt.Chart(data), f"mark_{kind}")(**look)
    return chart.encode(**channels)


def line(
    data: pd.DataFrame,
    x: alt.X,
    y: alt.Y,
    tips: Tips | None = None,
    dots: int = 0,
    **form: Any,
) -> Layers:
    """A line through the rows; its tips are at its points, which show where `dots` is their size."""
    layers = [mark("line", data, x=x, y=y, **{"strokeWidth": 2, **form})]
    if dots:
        shown = {name: form[name] for name in ("color", "opacity", "clip") if name in form}
        layers.append(points(data, x, y, tips, size=dots, **shown))
    elif tips:
        layers.append(mark("point", data, tips, x=x, y=y, size=70, opacity=0))
    return layers


def points(data: pd.DataFrame, x: Any, y: Any, tips: Tips | None = None, **form: Any) -> alt.Chart:
    """Filled points."""
    return mark(
        "point", data, tips, **{"filled": True, "opacity": 1, "size": 100, **form}, x=x, y=y
    )


def band(data: pd.DataFrame, x: alt.X, y: alt.Y, low: str, high: str, **form: Any) -> alt.Chart:
    """The area between two columns on the axis `y`."""
    return mark("area", data, x=x, y=of(y, low), y2=high, **{"opacity": 0.22, **form})


def interval(
    data: pd.DataFrame,
    axis: alt.X | alt.Y,
    low: str,
    high: str,
    tips: Tips | None = None,
    **look: Any,
) -> alt.Chart:
    """A line between two columns on one axis."""
    way = "y" if isinstance(axis, alt.Y) else "x"
    ends = {way: of(axis, low), f"{way}2": high}
    return mark("rule", data, tips, **{"size": 2.5, **ends, **look})


def rule(
    axis: alt.X | alt.Y, value: float, words: str = "", right: bool | None = True, **look: Any
) -> Layers:
    """A dashed line across the figure at a value of an axis, and words on it.

    Those of a level line stand at the figure's right end, at its left or, with None, in its middle; those of
    an upright one on top.
    """
    look = {"color": MARK, "strokeDash": DASH, "size": 1.5, **look}
    data = pd.DataFrame({column(axis): [value], "words": [words]})
    level = isinstance(axis, alt.Y)
    place: Look = {"y" if level else "x": axis}
    layers = [mark("rule", data, **look, **place)]
    if words:
        end = {**_ENDS[right], "dy": -3} if level else {"align": "left", "dx": 5, "y": alt.value(2)}
        stand: Look = {"baseline": "bottom" if level else "top", **place, **end}
        layers.append(mark("text", data, text="words", color=MARK, fontSize=12, **stand))
    return layers


def beside(x: float, middle: float, gap: int = 10) -> Look:
    """How words stand beside a mark at x: towards the middle, so that they stay in the figure."""
    return {"align": "left", "dx": gap} if x < middle else {"align": "right", "dx": -gap}


def hover(data: pd.DataFrame, x: alt.X, tips: Tips) -> Layers:
    """A rule under the pointer that tells the row there; rows lie evenly, closer than a few pixels."""
    # Not `nearest`: Vega-Lite then looks for words in the wrong place and shows "undefined".
    near = alt.selection_point(
        name="near", on="pointermove", fields=[column(x)], empty=False, clear="pointerout"
    )
    catcher = mark("rule", data, tips, x=x, opacity=0, size=8).add_params(near)
    # Empty until something is pointed at, and then a repetition: nothing to be read out.
    shown = mark("rule", data, x=x, color=MARK, size=1, aria=False)
    return [shown.transform_filter(near), catcher]


def zoom() -> alt.Parameter:
    """Drag to pan, Shift and wheel to zoom (the wheel alone scrolls the page), double click to reset."""
    return alt.selection_interval(
        name="zoom", bind="scales", encodings=["x"], zoom="wheel![event.shiftKey]"
    )


def pick(field: str) -> alt.Parameter:
    """The name in the legend that was clicked; `faint` is for all others."""
    return alt.selection_point(fields=[field], bind="legend", name="picked")


def faint(chosen: alt.Parameter, opacity: float = 1.0) -> Any:
    """The opacity of what was picked, a tenth of it for the rest."""
    return alt.condition(chosen, alt.value(opacity), alt.value(opacity / 10))


def draw(
    *layers: alt.Chart | Layers, height: int = HEIGHT, params: Sequence[alt.Parameter] = ()
) -> Drawing:
    """The figure, `height` pixels high: layers from the bottom up, and what a reader may do with it."""
    flat = list(chain.from_iterable(one if isinstance(one, list) else [one] for one in layers))
    flat[0] = flat[0].add_params(*params)
    return alt.layer(*flat).properties(height=height)


def axes_of(chart: Drawing) -> str:
    """What a chart shows, by its axes: "Loss (nats) against Step"."""
    parts: list[Any] = [chart]
    titles: dict[str, str] = {}
    for one in parts:
        parts += getattr(one, "layer", [])
        for axis in ("y", "x"):
            channel: Any = getattr(getattr(one, "encoding", None), axis, alt.Undefined)
            title = alt.Undefined if channel is alt.Undefined else channel._get("title")
            if isinstance(title, str):
                titles.setdefault(axis, title)
    return " against ".join(titles[axis] for axis in ("y", "x") if axis in titles)


def evenly(count: int, most: int) -> np.ndarray:
    """The places of at most `most` of `count` rows, both ends among them."""
    places = np.linspace(0, count - 1, min(count, most)).round().astype(int)
    return np.asarray(np.unique(places))


def _axis(title: str | None, form: Look) -> Look:
    if form.pop("log", False):
        form = {"type": "log", **_log_axis(), **form}
    if "domain" in form:
        form = {"nice": False, **form}
    scale = {name: form.pop(name) for name in _SCALE if name in form}
    return {"scale": alt.Scale(**scale), "axis": alt.Axis(**form) if title else None}


def _log_axis() -> Look:
    """Ticks whose labels need no computer notation: below 0.0001 they are powers of ten."""
    values, small = [], {}
    for power in _POWERS:
        for digit in (1, 3):
            values.append(float(f"{digit}e{power}"))
            times = "" if digit == 1 else f"{digit}×"
            if power < -4:
                plain = f"{values[-1]:.6f}".rstrip("0") if power >= -6 else f"{digit}e{power}"
                small[plain] = f"{times}10{str(power).translate(SUPERSCRIPTS)}"
    labels = f"{small}[datum.label] || datum.label"
    return {"format": "~g", "values": values, "labelExpr": labels, "labelOverlap": True}


def _each(values: Mapping[Any, Any]) -> alt.Scale:
    return alt.Scale(domain=list(values), range=list(values.values()))


def _tip(values: pd.Series, field: str, title: str) -> alt.Tooltip:
    kind = "Q" if values.dtype.kind in "iuf" else "N"
    number: Look = {}
    if values.dtype.kind == "f":
        number["format"] = ".3~p" if title.endswith(SHARE) else NUMBER
    title = title.removesuffix(SHARE)
    # Symbols stay small, and only what is called "image" is shown as a picture.
    if title[1:2].isalpha() and title != "image":
        title = title[0].upper() + title[1:]
    return alt.Tooltip(f"{field}:{kind}", title=title, **number)
