"""Searches as they went: the loss of pictures against the steps of their optimisation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from engine.plots import grammar as g
from engine.plots.curves import LOG_FLOOR, log_loss
from engine.plots.palette import BYPASS, SERIES, STRAIGHT

FEW = 60
"""Of fewer points each one is drawn."""

INPUTS = {"A": "A, no penalty", "C": "C, high-frequency penalty"}


def search_trace(trace: pd.DataFrame, threshold: float) -> g.Figure:
    """One line a bypass; columns of `trace`: round, segment, step, loss (nats)."""
    names = [_name(*ends) for ends in zip(trace["round"], trace["segment"], strict=True)]
    data = _above_zero(trace).assign(bypass=names)
    color = g.colors("bypass", g.series(names), columns=1)
    return _draw(data, "Step of the search", ["bypass", "step", "loss"], threshold, color=color)


def attack_trace(trace: pd.DataFrame) -> g.Figure:
    """The loss at every look of an attack; columns of `trace`: look, loss (nats)."""
    tips = ["look", "loss"]
    return _draw(_above_zero(trace), "Look of the attack", tips, color=SERIES[2])


def growth(trace: pd.DataFrame, names: Sequence[str], threshold: float) -> g.Figure:
    """How synthetic pictures grew, one line each; columns of `trace`: mode, step, loss (nats).

    `names` by mode.
    """
    data = _above_zero(trace).assign(picture=[names[mode] for mode in trace["mode"]])
    data = data[["picture", "step", "loss"]]
    color = g.colors("picture", g.series(names), columns=g.fitting(2, 190))
    return _draw(data, "Step", list(data), threshold, color=color)


def input_traces(search: pd.DataFrame, threshold: float) -> g.Figure:
    """The loss of every input while it was made, in steps of Adam; dashed, the loss asked for."""
    data = _above_zero(search).assign(kind=search["input"].map(INPUTS))
    shades = dict(zip(INPUTS.values(), (BYPASS, STRAIGHT), strict=True))
    look: g.Look = {
        "color": g.colors("kind", shades, **g.STROKE),
        "strokeWidth": 1.6,
        "opacity": 0.85,
    }
    tips = ["seed", "class", "kind", "step", "loss"]
    detail = ["seed:N", "class:N"]
    return _draw(data, "Step of Adam", tips, threshold, detail=detail, **look)[0], search


def _draw(
    data: pd.DataFrame, title: str, tips: list[str], threshold: float | None = None, **look: Any
) -> g.Figure:
    """Losses against the counter that is last but one of `tips`; dashed, the threshold."""
    x, y = g.across(tips[-2], title, tickMinStep=1), log_loss()
    dots = 30 if len(data) < FEW else 0
    limit = [] if threshold is None else g.rule(y, threshold)
    return g.draw(g.line(data, x, y, tips, dots, **look), limit, params=[g.zoom()]), data


def _above_zero(trace: pd.DataFrame) -> pd.DataFrame:
    return trace.assign(loss=trace["loss"].clip(lower=LOG_FLOOR))


def _name(number: int, segment: int) -> str:
    where = f"segment {segment + 1}" if segment >= 0 else "the whole path"
    return f"Round {number}, {where}"
