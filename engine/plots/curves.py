"""Loss curves: the straight path, the path after every round, the threshold, the barrier's top."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import altair as alt
import numpy as np
import pandas as pd

from engine.plots.palette import BETWEEN, BYPASS, MARK, SERIES, STRAIGHT
from engine.plots.tracks import Paths, Track
from engine.words import figure, nats

HEIGHT = 300
HOVER_POINTS = 241
Drawing = alt.Chart | alt.LayerChart | alt.FacetChart
"""A chart, or what layering charts gives."""

Ends = tuple[str, str]
MIXED_ENDS = ("A", "C or K′")

LOSS = "Loss (nats)"
LOG_FLOOR = 1e-8
"""Losses below this (float32 has exact zeros) are drawn here on a logarithmic axis."""


def loss_curves(
    pair: Paths, logarithmic: bool = False, highest: float = 0.0
) -> tuple[Drawing, pd.DataFrame]:
    """The pair's curves with threshold and barrier mark, and the table of what is drawn.

    A linear axis reaches at least to `highest`, so that figures side by side can share it.
    """
    data = curve_table(pair.tracks)
    names = [track.name for track in pair.tracks]
    y = log_loss() if logarithmic else linear_loss(max(data["loss"].max(), pair.threshold, highest))
    drawn = data.assign(loss=data["loss"].clip(lower=LOG_FLOOR)) if logarithmic else data
    chart = alt.layer(
        *_lines(drawn, names, pair.ends, y),
        _threshold(pair.threshold, pair.ends, y, _lower_end(pair.straight)),
        *_barrier(pair, highest, y),
        *_hover(pair),
    )
    return chart.properties(height=HEIGHT), data


def overlaid_curves(pairs: Mapping[str, Paths]) -> tuple[Drawing, pd.DataFrame]:
    """Straight path and path found of several records, each under its own name."""
    data = pd.concat(
        curve_table([*pair.tracks[:1], *pair.tracks[1:][-1:]]).assign(result=name)
        for name, pair in pairs.items()
    ).reset_index(drop=True)
    data["line"] = np.where(data["path"] == "Straight path", "Straight path", "Path found")
    both = {pair.ends for pair in pairs.values()}
    ends = both.pop() if len(both) == 1 else MIXED_ENDS
    thresholds = sorted({pair.threshold for pair in pairs.values()})
    y = linear_loss(max(data["loss"].max(), *thresholds))
    lines = (
        _base(data, ends, y)
        .encode(
            color=alt.Color(
                "result:N",
                scale=alt.Scale(domain=list(pairs), range=SERIES),
                legend=_legend(),
            ),
            strokeDash=alt.StrokeDash(
                "line:N",
                scale=alt.Scale(domain=["Path found", "Straight path"], range=[[1, 0], [5, 4]]),
                legend=None,
            ),
            detail="path:N",
            tooltip=["result:N", "path:N", *_number_tips()],
        )
        .add_params(zoom())
    )
    marks = [_threshold(threshold, ends, y) for threshold in thresholds]
    return alt.layer(lines, *marks).properties(height=HEIGHT), data


def curve_table(tracks: Sequence[Track]) -> pd.DataFrame:
    """One row a point of a curve: path, place, t, loss."""
    return pd.concat(
        pd.DataFrame({"path": track.name, "place": track.places, "t": track.t, "loss": track.loss})
        for track in tracks
    ).reset_index(drop=True)


def linear_loss(highest: float) -> alt.Y:
    """The loss on a linear axis from 0, with room above the highest line for its label."""
    scale = alt.Scale(domain=[0, float(highest) * 1.1], nice=False)
    return alt.Y("loss:Q", title=LOSS, scale=scale, axis=alt.Axis(tickCount=6))


def log_loss() -> alt.Y:
    """The loss on a logarithmic axis, with lines at powers of ten and halfway between them."""
    values = [digit * 10.0**power for power in range(-8, 4) for digit in (1, 3)]
    axis = alt.Axis(format="~g", values=values, labelOverlap=True)
    return alt.Y("loss:Q", title=LOSS, scale=alt.Scale(type="log"), axis=axis)


def zoom() -> alt.Parameter:
    """Drag to pan, Shift and wheel to zoom (the wheel alone scrolls the page), double click to reset."""
    return alt.selection_interval(
        name="zoom", bind="scales", encodings=["x"], zoom="wheel![event.shiftKey]"
    )


def _base(data: pd.DataFrame, ends: Ends, y: alt.Y) -> alt.Chart:
    return alt.Chart(data).mark_line(clip=True).encode(x=_x(ends), y=y)


def _x(ends: Ends, field: str = "place") -> alt.X:
    # Layers of one chart must agree on the title, or all their titles are shown in a row.
    title = f"Place between {ends[0]} and {ends[1]} (0 = {ends[0]}, 1 = {ends[1]})"
    return alt.X(f"{field}:Q", title=title, scale=alt.Scale(domain=[0, 1], nice=False))


def _lines(data: pd.DataFrame, names: Sequence[str], ends: Ends, y: alt.Y) -> list[alt.Chart]:
    """The first path and the last one strong, those between them dashed and pale."""
    last = len(names) - 1
    colors = [STRAIGHT, *(BYPASS if k == last else BETWEEN for k in range(1, last + 1))]
    legend = _legend(many=last > 1)
    color = alt.Color("path:N", scale=alt.Scale(domain=names, range=colors), legend=legend)
    layers = []
    for k, name in enumerate(names):
        strong = k in (0, last)
        dash = [1, 0] if strong else [2 + 2 * k, 3]
        line = _base(data[data["path"] == name], ends, y)
        layers.append(
            line.mark_line(clip=True, strokeWidth=2.5 if strong else 1.8, strokeDash=dash).encode(
                color=color
            )
        )
    layers[0] = layers[0].add_params(zoom())
    return layers


def _legend(many: bool = False) -> alt.Legend:
    """Names above the figure, short and three a row where there are many, to fit a narrow one."""
    words = "replace(datum.label, 'After round', 'Round')" if many else "datum.label"
    return alt.Legend(
        orient="top",
        title=None,
        labelLimit=260,
        symbolStrokeWidth=3,
        labelExpr=words,
        columns=3 if many else 0,
    )


def _threshold(threshold: float, ends: Ends, y: alt.Y, end: Literal[0, 1] = 1) -> Drawing:
    """The threshold with its name at one end of the figure: the left (0) or the right (1)."""
    words = f"threshold {nats(threshold)}"
    data = pd.DataFrame({"loss": [threshold], "words": [words], "end": [end]})
    rule = alt.Chart(data).mark_rule(color=MARK, strokeDash=[5, 4], size=1.5).encode(y=y)
    align: Literal["left", "right"] = "right" if end else "left"
    text = (
        alt.Chart(data)
        .mark_text(
            align=align, baseline="bottom", dy=-3, dx=-4 if end else 4, color=MARK, fontSize=12
        )
        .encode(x=_x(ends, "end"), y=y, text="words:N")
    )
    return alt.layer(rule, text)


def _lower_end(track: Track) -> Literal[0, 1]:
    """The end near which the curve leaves more room for a word."""
    room = len(track.loss) // 3
    return 0 if track.loss[:room].mean() < track.loss[-room:].mean() else 1


def _barrier(pair: Paths, highest: float, y: alt.Y) -> list[alt.Chart]:
    """A mark at the top of the straight path's barrier, where there is one worth a mark.

    Where the axis reaches to a much higher one (`highest`), its words stand above it, clear of the
    threshold's.
    """
    straight = pair.straight
    top = straight.top
    if straight.loss[top] <= pair.threshold:
        return []
    place = float(straight.places[top])
    words = f"B, the barrier: {nats(float(straight.loss[top]))}"
    data = pd.DataFrame({"place": [place], "loss": [straight.loss[top]], "words": [words]})
    base = alt.Chart(data).encode(x=_x(pair.ends), y=y)
    align: Literal["left", "right"] = "left" if place < 0.5 else "right"
    shift = 10 if align == "left" else -10
    rise = 18 if straight.loss[top] < highest / 4 else 2
    return [
        base.mark_point(filled=True, size=80, color=STRAIGHT, opacity=1),
        base.mark_text(align=align, dx=shift, dy=-rise, fontSize=12, color=STRAIGHT).encode(
            text="words:N"
        ),
    ]


def _hover(pair: Paths) -> list[alt.Chart]:
    """A rule under the pointer that names loss and predicted class of every path there."""
    places = np.linspace(0, 1, HOVER_POINTS)
    data = pd.DataFrame({"place": places})
    tips = [alt.Tooltip("place:Q", title="Place", format=".3f")]
    for track in pair.tracks:
        words = [
            f"{figure(float(loss))} nats, seen as {pair.label(int(seen))}"
            for loss, seen in zip(track.loss_at(places), track.prediction_at(places), strict=True)
        ]
        data[track.name] = words
        tips.append(alt.Tooltip(f"{track.name}:N", title=track.name))
    near = alt.selection_point(
        name="near",
        on="pointermove",
        nearest=True,
        fields=["place"],
        empty=False,
        clear="pointerout",
    )
    base = alt.Chart(data).encode(x=_x(pair.ends))
    catcher = base.mark_rule(opacity=0, size=6).encode(tooltip=tips).add_params(near)
    rule = base.mark_rule(color=MARK, size=1).transform_filter(near)
    return [catcher, rule]


def _number_tips() -> list[alt.Tooltip]:
    return [
        alt.Tooltip("place:Q", title="Place", format=".3f"),
        alt.Tooltip("loss:Q", title=LOSS, format=".4~g"),
    ]
