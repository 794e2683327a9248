"""The loss over all blends of three pictures, as a triangle: land where it is low, sea where it is high."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from engine.plots.curves import Drawing
from engine.plots.palette import COAST, INK
from pages.shared.figures.graph import band_of
from pages.shared.figures.plane import OVERLAP, bands

HEIGHT = 400
PICTURE = 44
CORNERS = np.array([[0, 0], [1, 0], [0.5, 3**0.5 / 2]])
"""Where the three pictures stand: an even triangle, whatever their distances."""


def hull_map(
    weights: np.ndarray,
    loss: np.ndarray,
    prediction: np.ndarray,
    threshold: float,
    classes: Sequence[str],
    corners: Sequence[tuple[str, str]],
) -> tuple[Drawing, pd.DataFrame]:
    """The map, and its table. `weights` (Q, 3), `corners` three times (name, data URI)."""
    data = hull_table(weights, loss, prediction, threshold, classes)
    chart = alt.layer(_cells(data, threshold), *_corners(corners))
    shares = {f"w{k}": f"share of {name}" for k, (name, _) in enumerate(corners)}
    table = data[["w0", "w1", "w2", "loss", "predicted"]].rename(columns=shares)
    return chart.properties(height=HEIGHT), table


def hull_table(
    weights: np.ndarray,
    loss: np.ndarray,
    prediction: np.ndarray,
    threshold: float,
    classes: Sequence[str],
) -> pd.DataFrame:
    """One row a blend: its weights, the edges of its cell, loss in nats, predicted class, band.

    Cells are bricks: every other row is shifted by half of one, so they tile the triangle.
    """
    x, y = (weights @ CORNERS).T
    steps = round(1 / np.diff(np.unique(weights[:, 0].round(9))).min())
    half_x, half_y = 0.5 / steps, 3**0.5 / 4 / steps
    _, _, names = bands(threshold)
    seen = prediction.astype(int)
    return pd.DataFrame(
        {
            **{f"w{k}": weights[:, k].round(4) for k in range(3)},
            "left": x - half_x,
            "right": x + half_x * (1 + OVERLAP),
            "low": y - half_y,
            "high": y + half_y * (1 + OVERLAP),
            "loss": loss,
            "predicted": np.asarray(classes, dtype=object)[seen],
            "band": np.asarray(names, dtype=object)[band_of(loss, threshold)],
        }
    )


def _cells(data: pd.DataFrame, threshold: float) -> alt.Chart:
    _, colors, names = bands(threshold)
    return (
        alt.Chart(data)
        .mark_rect(opacity=1)
        .encode(
            x=_axis(alt.X, "left", [-0.14, 1.14]),
            x2="right:Q",
            y=_axis(alt.Y, "low", [-0.12, 1.02]),
            y2="high:Q",
            color=alt.Color(
                "band:N",
                scale=alt.Scale(domain=names, range=colors),
                sort=names,
                legend=alt.Legend(
                    title="Loss (nats)",
                    orient="bottom",
                    columns=3,
                    labelLimit=160,
                    symbolType="square",
                ),
            ),
            tooltip=[
                alt.Tooltip("loss:Q", title="Loss (nats)", format=".4~g"),
                alt.Tooltip("predicted:N", title="Seen as"),
                *(alt.Tooltip(f"w{k}:Q", title=f"Share {k + 1}", format=".0%") for k in range(3)),
            ],
        )
    )


def _axis(channel: type[alt.X] | type[alt.Y], field: str, domain: list[float]) -> alt.X | alt.Y:
    return channel(f"{field}:Q", axis=None, scale=alt.Scale(domain=domain, nice=False, zero=False))


def _corners(corners: Sequence[tuple[str, str]]) -> list[alt.Chart]:
    data = pd.DataFrame(
        {
            "x": CORNERS[:, 0],
            "y": CORNERS[:, 1],
            "name": [name for name, _ in corners],
            "image": [image for _, image in corners],
            "number": [name.rsplit(" ", 1)[-1] for name, _ in corners],
        }
    )
    base = alt.Chart(data).encode(
        x="x:Q", y="y:Q", tooltip=[alt.Tooltip("image:N"), alt.Tooltip("name:N", title="Corner")]
    )
    badge: dict[str, Any] = {"xOffset": -PICTURE / 2, "yOffset": -PICTURE / 2}
    side = PICTURE + 4
    return [
        base.mark_point(shape="square", filled=True, size=side**2, color=COAST, opacity=1),
        base.mark_image(width=PICTURE, height=PICTURE).encode(url="image:N"),
        base.mark_point(filled=True, size=330, color=INK, opacity=1, stroke=COAST, **badge),
        base.mark_text(color=COAST, fontSize=12, fontWeight=700, **badge).encode(text="number:N"),
    ]
