"""A search as it went: the loss of every optimised node step by step, and that of an attack."""

from __future__ import annotations

import altair as alt
import pandas as pd

from engine.plots.curves import HEIGHT, LOG_FLOOR, LOSS, Drawing, log_loss, zoom
from engine.plots.palette import MARK, SERIES


def search_trace(trace: pd.DataFrame, threshold: float) -> tuple[Drawing, pd.DataFrame]:
    """One line a bypass; columns of `trace`: round, segment, step, loss (nats)."""
    data = trace.assign(
        bypass=[_name(row) for row in trace.itertuples()],
        loss=trace["loss"].clip(lower=LOG_FLOOR),
    )
    order = list(dict.fromkeys(data["bypass"]))
    lines = (
        alt.Chart(data)
        .mark_line(point=len(data) < 60)
        .encode(
            x=alt.X("step:Q", title="Step of the search", axis=alt.Axis(tickMinStep=1)),
            y=log_loss(),
            color=alt.Color(
                "bypass:N",
                scale=alt.Scale(domain=order, range=SERIES),
                title=None,
                legend=alt.Legend(orient="top", columns=1, labelLimit=220),
            ),
            tooltip=[
                alt.Tooltip("bypass:N", title="Bypass"),
                alt.Tooltip("step:Q", title="Step"),
                alt.Tooltip("loss:Q", title=LOSS, format=".4~g"),
            ],
        )
        .add_params(zoom())
    )
    rule = (
        alt.Chart(pd.DataFrame({"loss": [threshold]}))
        .mark_rule(color=MARK, strokeDash=[5, 4], size=1.5)
        .encode(y=log_loss())
    )
    return alt.layer(lines, rule).properties(height=HEIGHT), data


def attack_trace(trace: pd.DataFrame) -> tuple[Drawing, pd.DataFrame]:
    """The loss at every look of an attack; columns of `trace`: look, loss (nats)."""
    data = trace.assign(loss=trace["loss"].clip(lower=LOG_FLOOR))
    lines = (
        alt.Chart(data)
        .mark_line(color=SERIES[2], point=len(data) < 60)
        .encode(
            x=alt.X("look:Q", title="Look of the attack", axis=alt.Axis(tickMinStep=1)),
            y=log_loss(),
            tooltip=[
                alt.Tooltip("look:Q", title="Look"),
                alt.Tooltip("loss:Q", title=LOSS, format=".4~g"),
            ],
        )
        .add_params(zoom())
    )
    return alt.layer(lines).properties(height=HEIGHT), data


def _name(row: object) -> str:
    segment = int(getattr(row, "segment", -1))
    where = f"segment {segment + 1}" if segment >= 0 else "the whole path"
    return f"Round {getattr(row, 'round', 0)}, {where}"
