"""Pictures in rows: one column a picture, one row a state of it, such as before and after an attack."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence

import altair as alt
import numpy as np
import pandas as pd

from engine.errors import ParameterError
from engine.images import thumbnail, to_bytes, with_channels
from engine.plots import grammar as g
from engine.words import figure

SIDE = 72
"""The longer side of a drawn picture, in pixels of the screen."""


def picture_rows(
    rows: Mapping[str, np.ndarray], words: Mapping[str, Sequence[str]]
) -> tuple[alt.Chart, pd.DataFrame]:
    """Images (N, C, H, W) of every row, by its name, and the table of what is drawn.

    `words` has N texts for each row; a picture shows its own under the pointer.
    """
    table = pd.concat(
        pd.DataFrame(
            {
                "image": range(len(images)),
                "row": name,
                "words": list(words[name]),
                "picture": [_uri(image) for image in images],
            }
        )
        for name, images in rows.items()
    ).reset_index(drop=True)
    x = alt.X("image:O", title="Image", axis=alt.Axis(labelAngle=0, orient="top"))
    tips = {"image": "Image", "row": "Row", "words": "Seen"}
    look = {"width": SIDE, "height": SIDE, "url": "picture"}
    chart = g.mark("image", table, tips, x=x, y=g.listed("row", list(rows)), **look)
    step = alt.Step(SIDE + 6)
    return chart.properties(width=step, height=step), table


def difference_row(before: np.ndarray, after: np.ndarray) -> tuple[str, np.ndarray]:
    """The change of every image around mid grey, all amplified alike, and the row's name with the factor."""
    change = after - before
    largest = float(np.abs(change).max(initial=0))
    factor = 0.5 / largest if largest > 0 else 1.0
    return f"Difference × {figure(factor)}", 0.5 + change * factor


def shown(count: int, most: int) -> int:
    """How many of `count` pictures are drawn where `most` are wanted; ParameterError for none."""
    if most < 1:
        raise ParameterError(f"most: expected at least 1 picture, got {most}.")
    return min(count, most)


def _uri(image: np.ndarray) -> str:
    levels = to_bytes(image)
    png = thumbnail(with_channels(levels, 3), SIDE)
    return f"data:image/png;base64,{base64.b64encode(png).decode('ascii')}"
