"""The scores that a detector gives clean images and their attacked twins."""

from __future__ import annotations

import altair as alt
import numpy as np
import pandas as pd

from engine.plots.curves import Drawing
from engine.plots.legend import legend
from engine.plots.palette import ADVERSARIAL, MARK, REAL

HEIGHT = 300
CLEAN, ATTACKED = "Clean", "Attacked"
COLORS = {CLEAN: REAL, ATTACKED: ADVERSARIAL}
BINS = 25
CUT = 0.5
"""The score above which the benchmark's accuracy counts an image as attacked."""


def score_histograms(scores: pd.DataFrame) -> tuple[Drawing, pd.DataFrame]:
    """Both samples over the same bins, as shares of each, and the table of the bins.

    `scores` has columns attacked (bool) and score.
    """
    table = score_table(scores)
    names = [CLEAN, ATTACKED]
    span = [float(table["from"].min()), float(table["to"].max())]
    x = alt.X("from:Q", title="Score (higher = more suspicious)", scale=_whole(span))
    bars = (
        alt.Chart(table)
        .mark_rect(opacity=0.55)
        .encode(
            x=x,
            x2="to:Q",
            y=alt.Y("share:Q", title="Share of the images (%)", stack=None),
            y2=alt.datum(0),
            color=alt.Color(
                "images:N",
                scale=alt.Scale(domain=names, range=[COLORS[name] for name in names]),
                legend=legend(),
            ),
        )
    )
    layers = [bars, _catcher(table, x)]
    if span[0] < CUT < span[1]:
        cut = alt.Chart(pd.DataFrame({"from": [CUT]}))
        layers.insert(1, cut.mark_rule(color=MARK, strokeDash=[5, 4], size=1.5).encode(x="from:Q"))
    return alt.layer(*layers).properties(height=HEIGHT), table.rename(
        columns={"share": "share (%)"}
    )


def score_table(scores: pd.DataFrame) -> pd.DataFrame:
    """One row a bin and sample: its edges, the images in it, their share of the sample in percent."""
    values = scores["score"].to_numpy(dtype=np.float64)
    low, high = float(values.min()), float(values.max())
    if low >= 0 and high <= 1:
        low, high = 0.0, 1.0  # a probability
    edges = np.linspace(low, high if high > low else low + 1, BINS + 1)
    attacked = scores["attacked"].to_numpy(dtype=bool)
    parts = []
    for name, rows in ((CLEAN, ~attacked), (ATTACKED, attacked)):
        counts, _ = np.histogram(values[rows], edges)
        columns = {"from": edges[:-1], "to": edges[1:], "count": counts}
        share = 100 * counts / max(1, int(rows.sum()))
        parts.append(pd.DataFrame({"images": name, **columns, "share": share}))
    return pd.concat(parts, ignore_index=True)


def _whole(span: list[float]) -> alt.Scale:
    return alt.Scale(domain=span, nice=False)


def _catcher(table: pd.DataFrame, x: alt.X) -> alt.Chart:
    """A transparent column over each bin that names the images of both kinds in it."""
    wide = table.pivot(index=["from", "to"], columns="images", values="count").reset_index()
    edges = [alt.Tooltip("from:Q", format=".3~g"), alt.Tooltip("to:Q", format=".3~g")]
    tips = [alt.Tooltip(f"{name}:Q", title=name) for name in (CLEAN, ATTACKED)]
    return alt.Chart(wide).mark_rect(opacity=0).encode(x=x, x2="to:Q", tooltip=[*edges, *tips])
