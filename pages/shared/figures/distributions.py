"""How a measure is distributed: histograms over shared bins, and empirical distribution functions."""

from __future__ import annotations

import altair as alt
import numpy as np
import pandas as pd

from engine.plots.curves import Drawing
from engine.plots.palette import MARK
from pages.shared.figures.branches import Samples, branch_color, color_of, measure_title

HEIGHT = 270
BINS = 30
MOST_STEPS = 400
"""Of larger samples a distribution function is drawn at this many of its steps, evenly chosen."""

HOVER_POINTS = 161


def histograms(samples: Samples, measure: str) -> tuple[Drawing, pd.DataFrame]:
    """Both branches over the same bins, as shares of the branch, and the table of the bins."""
    table = histogram_table(samples)
    x = alt.X("from:Q", title=measure_title(measure), scale=_whole(table["to"].max()))
    bars = (
        alt.Chart(table)
        .mark_rect(opacity=0.55)
        .encode(
            x=x,
            x2="to:Q",
            y=alt.Y("share:Q", title="Share of the pairs (%)", stack=None),
            y2=alt.datum(0),
            color=branch_color(),
        )
    )
    chart = alt.layer(bars, *_medians(samples), _bin_catcher(table, x))
    return chart.properties(height=HEIGHT), table.rename(
        columns={"from": "from (nats)", "to": "to (nats)", "share": "share (%)"}
    )


def histogram_table(samples: Samples) -> pd.DataFrame:
    """One row a bin and branch: its edges, the pairs in it, and their share of the branch in percent."""
    highest = max(float(values.max(initial=0)) for values in samples.values())
    edges = np.linspace(0, highest or 1.0, BINS + 1)
    parts = []
    for name, values in samples.items():
        counts, _ = np.histogram(values, edges)
        share = 100 * counts / max(1, len(values))
        columns = {"branch": name, "from": edges[:-1], "to": edges[1:], "pairs": counts}
        parts.append(pd.DataFrame({**columns, "share": share}))
    return pd.concat(parts, ignore_index=True)


def distribution_functions(samples: Samples, measure: str) -> tuple[Drawing, pd.DataFrame]:
    """For every value the share of pairs at or below it, and the table of the steps."""
    table = function_table(samples)
    x = alt.X("value:Q", title=measure_title(measure), scale=_whole(table["value"].max()))
    lines = (
        alt.Chart(table)
        .mark_line(interpolate="step-after", strokeWidth=2.5)
        .encode(
            x=x,
            y=alt.Y("share:Q", title="Pairs at or below (%)", scale=alt.Scale(domain=[0, 100])),
            color=branch_color(),
        )
    )
    chart = alt.layer(lines, *_function_hover(samples, x))
    return chart.properties(height=HEIGHT), table.rename(
        columns={"value": f"{measure} (nats)", "share": "at or below (%)"}
    )


def function_table(samples: Samples) -> pd.DataFrame:
    """One row a step: the value and the share of its branch at or below it, in percent; from 0 to 100."""
    highest = max(float(values.max(initial=0)) for values in samples.values())
    parts = []
    for name, values in samples.items():
        steps, share = distribution(values)
        if len(steps) > MOST_STEPS:
            rows = np.linspace(0, len(steps) - 1, MOST_STEPS).round().astype(int)
            steps, share = steps[rows], share[rows]
        columns = {"value": np.r_[0, steps, highest], "share": np.r_[0, share, share[-1:]]}
        parts.append(pd.DataFrame({"branch": name, **columns}))
    return pd.concat(parts, ignore_index=True)


def distribution(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The empirical distribution function: its steps in order, and the percentage at or below each."""
    steps, counts = np.unique(values, return_counts=True)
    return steps, 100 * counts.cumsum() / max(1, len(values))


def _whole(highest: float) -> alt.Scale:
    return alt.Scale(domain=[0, float(highest)], nice=False)


def _medians(samples: Samples) -> list[alt.Chart]:
    """A dashed line at the median of each branch."""
    return [
        alt.Chart(pd.DataFrame({"from": [float(np.median(values))]}))
        .mark_rule(color=color_of(name), strokeDash=[5, 3], size=2)
        .encode(x="from:Q")
        for name, values in samples.items()
        if len(values)
    ]


def _bin_catcher(table: pd.DataFrame, x: alt.X) -> alt.Chart:
    """A transparent column over each bin that names the pairs of both branches in it."""
    wide = table.pivot(index=["from", "to"], columns="branch", values="pairs").reset_index()
    tips = [alt.Tooltip(f"{name}:Q", title=f"{name} pairs") for name in table["branch"].unique()]
    return (
        alt.Chart(wide)
        .mark_rect(opacity=0)
        .encode(
            x=x,
            x2="to:Q",
            y=alt.datum(float(table["share"].max())),
            y2=alt.datum(0),
            tooltip=[
                alt.Tooltip("from:Q", title="From (nats)", format=".3~g"),
                alt.Tooltip("to:Q", title="To (nats)", format=".3~g"),
                *tips,
            ],
        )
    )


def _function_hover(samples: Samples, x: alt.X) -> list[alt.Chart]:
    """A rule under the pointer that names the share of both branches there."""
    highest = max(float(values.max(initial=0)) for values in samples.values())
    places = np.linspace(0, highest, HOVER_POINTS)
    data = pd.DataFrame({"value": places})
    tips = [alt.Tooltip("value:Q", title="Value (nats)", format=".3~g")]
    for name, values in samples.items():
        below = np.searchsorted(np.sort(values), places, side="right")
        data[name] = [f"{share:.0f} % at or below" for share in 100 * below / max(1, len(values))]
        tips.append(alt.Tooltip(f"{name}:N"))
    near = alt.selection_point(
        name="near_value",
        on="pointermove",
        nearest=True,
        fields=["value"],
        empty=False,
        clear="pointerout",
    )
    base = alt.Chart(data).encode(x=x)
    catcher = base.mark_rule(opacity=0, size=6).encode(tooltip=tips).add_params(near)
    return [catcher, base.mark_rule(color=MARK, size=1).transform_filter(near)]
