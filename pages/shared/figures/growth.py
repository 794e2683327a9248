"""How synthetic pictures grew: the loss of each at every step, as the search saw it."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import pandas as pd

from engine.plots.curves import HEIGHT, LOG_FLOOR, LOSS, Drawing, log_loss, zoom
from engine.plots.palette import MARK, SERIES


def growth(
    trace: pd.DataFrame, names: Sequence[str], threshold: float
) -> tuple[Drawing, pd.DataFrame]:
    """One line a picture; columns of `trace`: mode, step, loss (nats). `names` by mode."""
    data = trace.assign(
        picture=[names[mode] for mode in trace["mode"]],
        loss=trace["loss"].clip(lower=LOG_FLOOR),
    )
    lines = (
        alt.Chart(data)
        .mark_line()
        .encode(
            x=alt.X("step:Q", title="Step", axis=alt.Axis(tickMinStep=1)),
            y=log_loss(),
            color=alt.Color(
                "picture:N",
                scale=alt.Scale(domain=list(names), range=SERIES),
                title=None,
                legend=alt.Legend(orient="top", columns=2, labelLimit=220),
            ),
            tooltip=[
                alt.Tooltip("picture:N", title="Picture"),
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
    return alt.layer(lines, rule).properties(height=HEIGHT), data[["picture", "step", "loss"]]
