"""Loss curves: the straight path, the path after every round, the threshold, the barrier's top."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import altair as alt
import numpy as np
import pandas as pd

from engine.plots import grammar as g
from engine.plots.palette import BETWEEN, BYPASS, STRAIGHT
from engine.plots.tracks import Paths, Track
from engine.words import figure, nats

HOVER_POINTS = 241
MIXED_ENDS = ("A", "C or K′")

LOSS = "Loss (nats)"
LOG_FLOOR = 1e-8
"""Losses below this (float32 has exact zeros) are drawn here on a logarithmic axis."""


def loss_curves(pair: Paths, logarithmic: bool = False, highest: float = 0.0) -> g.Figure:
    """The pair's curves with threshold and barrier mark, and the table of what is drawn.

    A linear axis reaches at least to `highest`, so that figures side by side can share it.
    """
    data = curve_table(pair.tracks)
    top = float(max(data["loss"].max(), pair.threshold, highest))
    x, y = _place(pair.ends), log_loss(top) if logarithmic else linear_loss(top)
    drawn = data.assign(loss=data["loss"].clip(lower=LOG_FLOOR)) if logarithmic else data
    # On a logarithmic axis all curves cross the threshold near the ends.
    end = None if logarithmic else _ends_lower(pair.straight)
    chart = g.draw(
        _lines(drawn, [track.name for track in pair.tracks], x, y),
        g.rule(y, pair.threshold, _threshold(pair.threshold), end),
        _barrier(pair, highest, x, y),
        _hover(pair, x),
        params=[g.zoom()],
    )
    return chart, data


def overlaid_curves(pairs: Mapping[str, Paths]) -> g.Figure:
    """Straight path and path found of several records, each under its own name."""
    data = pd.concat(
        curve_table([*pair.tracks[:1], *pair.tracks[1:][-1:]]).assign(result=name)
        for name, pair in pairs.items()
    ).reset_index(drop=True)
    data["line"] = np.where(data["path"] == "Straight path", "Straight path", "Path found")
    both = {pair.ends for pair in pairs.values()}
    thresholds = sorted({pair.threshold for pair in pairs.values()})
    y = linear_loss(max(data["loss"].max(), *thresholds))
    x = _place(both.pop() if len(both) == 1 else MIXED_ENDS)
    look: g.Look = {
        "color": g.colors("result", g.series(pairs)),
        "strokeDash": g.dashes("line", {"Path found": [1, 0], "Straight path": g.DASH}),
        "detail": "path:N",
        "clip": True,
    }
    marks = [g.rule(y, threshold, _threshold(threshold)) for threshold in thresholds]
    lines = g.line(data, x, y, ["result", "path", "place", "loss"], **look)
    return g.draw(lines, *marks, params=[g.zoom()]), data


def curve_table(tracks: Sequence[Track]) -> pd.DataFrame:
    """One row a point of a curve: path, place, t, loss."""
    return pd.concat(
        pd.DataFrame({"path": track.name, "place": track.places, "t": track.t, "loss": track.loss})
        for track in tracks
    ).reset_index(drop=True)


def linear_loss(highest: float) -> alt.Y:
    """The loss on a linear axis from 0, with room above the highest line for its label."""
    return g.up("loss", LOSS, domain=[0, float(highest) * 1.1], tickCount=6)


def log_loss(highest: float = 0.0) -> alt.Y:
    """The loss on a logarithmic axis, with room above `highest` for its label where there is one."""
    return g.up("loss", LOSS, log=True, **({"domainMax": 3 * highest} if highest else {}))


def _place(ends: tuple[str, str]) -> alt.X:
    title = f"Place between {ends[0]} and {ends[1]} (0 = {ends[0]}, 1 = {ends[1]})"
    return g.across("place", title, domain=[0, 1])


def _threshold(loss: float) -> str:
    return f"threshold {nats(loss)}"


def _lines(data: pd.DataFrame, names: Sequence[str], x: alt.X, y: alt.Y) -> g.Layers:
    """The first path and the last one strong, those between them dashed and pale."""
    last = len(names) - 1
    strong = [names[0], names[last]]
    # Names are short and three a row where there are many, to fit a narrow figure.
    words = "replace(datum.label, 'After round', 'Round')" if last > 1 else "datum.label"
    form: g.Look = {"labelExpr": words, "symbolStrokeWidth": 3, "columns": 3}
    shades = dict(zip(names, [STRAIGHT, *[BETWEEN] * (last - 1), BYPASS], strict=False))
    dashes = {name: [1, 0] if name in strong else [2 + 2 * k, 3] for k, name in enumerate(names)}
    is_strong = alt.FieldOneOfPredicate("path", strong)
    look: g.Look = {
        "color": g.colors("path", shades, **form),
        "strokeDash": g.dashes("path", dashes),
        "strokeWidth": alt.condition(is_strong, alt.value(2.5), alt.value(1.8)),
    }
    return g.line(data, x, y, clip=True, **look)


def _ends_lower(track: Track) -> bool:
    """Whether the curve leaves more room for a word at its end than at its beginning."""
    room = len(track.loss) // 3
    return bool(track.loss[:room].mean() >= track.loss[-room:].mean())


def _barrier(pair: Paths, highest: float, x: alt.X, y: alt.Y) -> g.Layers:
    """A mark at the top of the straight path's barrier, where there is one worth a mark.

    Where the axis reaches to a much higher one (`highest`), its words stand above it, clear of the
    threshold's.
    """
    straight = pair.straight
    place, loss = float(straight.places[straight.top]), float(straight.loss[straight.top])
    if loss <= pair.threshold:
        return []
    data = pd.DataFrame(
        {"place": [place], "loss": [loss], "words": f"B, the barrier: {nats(loss)}"}
    )
    rise = -18 if loss < highest / 4 else -8
    look: g.Look = {"color": STRAIGHT, "fontSize": 12, "dy": rise, **g.beside(place, 0.5)}
    return [
        g.points(data, x, y, size=80, color=STRAIGHT),
        g.mark("text", data, x=x, y=y, text="words", **look),
    ]


def _hover(pair: Paths, x: alt.X) -> g.Layers:
    """A rule under the pointer that names loss and predicted class of every path there."""
    places = np.linspace(0, 1, HOVER_POINTS)
    words = {
        track.name: [
            f"{figure(float(loss))} nats, seen as {pair.label(int(seen))}"
            for loss, seen in zip(track.loss_at(places), track.prediction_at(places), strict=True)
        ]
        for track in pair.tracks
    }
    data = pd.DataFrame({"place": places, **words})
    return g.hover(data, x, list(data))
