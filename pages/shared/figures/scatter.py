"""Every pair of a population as a mark that can be clicked."""

from __future__ import annotations

import altair as alt
import numpy as np
import pandas as pd

from engine.plots import grammar as g
from engine.plots.branches import MARKS, NAMES, measure_title
from engine.plots.curves import LOG_FLOOR

HEIGHT = 340
ACROSS = {
    "end": "Larger end loss (nats)",
    "height": "Height (nats)",
    "gap": "Gap (nats)",
    "position": "Place of the barrier (t)",
    "l2": "Change of the source, L2 (pixel range)",
    "linf": "Change of the source, L∞ (pixel range)",
}
"""What may lie on the horizontal axis."""

PERTURBATION = ("l2", "linf")
"""Known of real-adversarial pairs alone: a real image was not changed."""


def pair_scatter(pairs: pd.DataFrame, across: str, measure: str, chosen: int) -> g.Figure:
    """A mark for each pair, the chosen one larger and on top, and the table of all marks.

    Its selection holds the `pair` of the mark that was clicked. It has another name for each chosen
    pair, so that a mark can be clicked again after another pair was chosen by other means.
    `across` is one of ACROSS, `measure` what goes up; columns of `pairs` as the record has them.
    """
    data = scatter_table(pairs, across, measure)
    on_top = data.iloc[np.argsort(data["pair"].to_numpy() == chosen, kind="stable")]
    is_chosen = f"datum.pair === {int(chosen)}"
    pick = alt.selection_point(name=f"pick_{int(chosen)}", fields=["pair"], on="click", empty=False)
    form: g.Look = {"log": True, "nice": False} if across == "end" else {"zero": True, "nice": True}
    look: g.Look = {
        **g.marks("branch", MARKS),
        "size": alt.condition(is_chosen, alt.value(260), alt.value(55)),
        "opacity": alt.condition(is_chosen, alt.value(1), alt.value(0.6)),
    }
    title, high = ACROSS[across], measure_title(measure)
    x, y = g.across(title, title, **form), g.up(high, high)
    chart = g.points(on_top, x, y, list(data), **look)
    return chart.add_params(pick).properties(height=HEIGHT), data


def scatter_table(pairs: pd.DataFrame, across: str, measure: str) -> pd.DataFrame:
    """One row a mark: pair, branch, class, and both coordinates."""
    ends = np.maximum(pairs["loss_first"], pairs["loss_second"])
    data = pd.DataFrame(
        {
            "pair": pairs["pair"],
            "branch": pairs["branch"].map(NAMES),
            "class": pairs["class"],
            ACROSS[across]: ends.clip(lower=LOG_FLOOR) if across == "end" else pairs[across],
            measure_title(measure): pairs[measure],
        }
    )
    if across in PERTURBATION:
        data = data[pairs["branch"] == "adversarial"]
    return data.reset_index(drop=True)
