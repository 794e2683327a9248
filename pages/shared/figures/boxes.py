"""Box plots: quartiles, whiskers and outliers of any number of samples, computed here."""

from __future__ import annotations

import altair as alt
import numpy as np
import pandas as pd

from engine.plots.curves import Drawing
from engine.plots.palette import COAST
from pages.shared.figures.branches import Samples, color_of, measure_title

ROW = 46
"""Pixels of height for each box."""

REACH = 1.5
"""A whisker ends at the last value within this many interquartile ranges of the box."""

MOST_OUTLIERS = 300
"""Of more outliers of one sample, this many are drawn, evenly chosen by rank."""


def box_plots(samples: Samples, measure: str) -> tuple[Drawing, pd.DataFrame]:
    """One box a sample, from top to bottom in the given order, and the table of their numbers."""
    table = box_table(samples)
    names = list(samples)
    y = alt.Y("name:N", sort=names, title=None, axis=alt.Axis(labelLimit=130))
    color = alt.Color(
        "name:N",
        scale=alt.Scale(domain=names, range=[color_of(name) for name in names]),
        legend=None,
    )
    base = alt.Chart(table).encode(y=y, color=color, tooltip=_tips(measure))
    chart = alt.layer(
        base.mark_rule(size=1.5).encode(x=_x("whisker_low", measure), x2="whisker_high:Q"),
        base.mark_bar(size=ROW * 0.5, opacity=1).encode(
            x=_x("lower_quartile", measure), x2="upper_quartile:Q"
        ),
        base.mark_tick(size=ROW * 0.5, thickness=3, opacity=1).encode(
            x=_x("median", measure), color=alt.value(COAST)
        ),
        alt.Chart(_outliers(samples, table))
        .mark_point(size=22, opacity=0.5)
        .encode(
            x=_x("value", measure),
            y=y,
            color=color,
            tooltip=alt.Tooltip("value:Q", title=measure_title(measure), format=".3~g"),
        ),
    )
    return chart.properties(height=ROW * len(names) + 40), _printed(table)


def box_table(samples: Samples) -> pd.DataFrame:
    """One row a sample that is not empty: count, mean, quartiles, whiskers and the outliers beyond."""
    rows = []
    for name, values in samples.items():
        if not len(values):
            continue
        lower, median, upper = np.quantile(values, [0.25, 0.5, 0.75])
        near = values[
            (values >= lower - REACH * (upper - lower))
            & (values <= upper + REACH * (upper - lower))
        ]
        rows.append(
            {
                "name": name,
                "pairs": len(values),
                "mean": float(values.mean()),
                "whisker_low": float(near.min()),
                "lower_quartile": float(lower),
                "median": float(median),
                "upper_quartile": float(upper),
                "whisker_high": float(near.max()),
                "outliers": len(values) - len(near),
            }
        )
    return pd.DataFrame(rows)


def _outliers(samples: Samples, table: pd.DataFrame) -> pd.DataFrame:
    parts = []
    for row in table.to_dict("records"):
        values = np.sort(samples[row["name"]])
        beyond = values[(values < row["whisker_low"]) | (values > row["whisker_high"])]
        if len(beyond) > MOST_OUTLIERS:
            beyond = beyond[np.linspace(0, len(beyond) - 1, MOST_OUTLIERS).round().astype(int)]
        parts.append(pd.DataFrame({"name": row["name"], "value": beyond}))
    return pd.concat(parts, ignore_index=True)


def _x(field: str, measure: str) -> alt.X:
    return alt.X(f"{field}:Q", title=measure_title(measure), scale=alt.Scale(zero=True))


def _tips(measure: str) -> list[alt.Tooltip]:
    titles = {
        "whisker_high": "Upper whisker",
        "upper_quartile": "Upper quartile",
        "median": "Median",
        "lower_quartile": "Lower quartile",
        "whisker_low": "Lower whisker",
        "mean": "Mean",
    }
    return [
        alt.Tooltip("name:N", title="Pairs of"),
        alt.Tooltip("pairs:Q", title="Pairs"),
        *(
            alt.Tooltip(f"{name}:Q", title=f"{title} (nats)", format=".3~g")
            for name, title in titles.items()
        ),
        alt.Tooltip("outliers:Q", title="Outliers"),
    ]


def _printed(table: pd.DataFrame) -> pd.DataFrame:
    numbers = [name for name in table.columns if name not in ("name", "pairs", "outliers")]
    units = {name: f"{name.replace('_', ' ')} (nats)" for name in numbers}
    return table.rename(columns={"name": "pairs of", **units})
