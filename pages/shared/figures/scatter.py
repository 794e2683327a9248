"""Every pair of a population as a mark that can be clicked."""

from __future__ import annotations

import altair as alt
import numpy as np
import pandas as pd

from engine.plots.curves import LOG_FLOOR, Drawing
from pages.shared.figures.branches import NAMES, branch_color, branch_shape, measure_title

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


def pair_scatter(
    pairs: pd.DataFrame, across: str, measure: str, chosen: int
) -> tuple[Drawing, pd.DataFrame]:
    """A mark for each pair, the chosen one larger and on top, and the table of all marks.

    Its selection holds the `pair` of the mark that was clicked. It has another name for each chosen
    pair, so that a mark can be clicked again after another pair was chosen by other means.
    `across` is one of ACROSS, `measure` what goes up; columns of `pairs` as the record has them.
    """
    data = scatter_table(pairs, across, measure)
    is_chosen = f"datum.pair === {int(chosen)}"
    pick = alt.selection_point(name=f"pick_{int(chosen)}", fields=["pair"], on="click", empty=False)
    on_top = data.iloc[np.argsort(data["pair"].to_numpy() == chosen, kind="stable")]
    chart = (
        alt.Chart(on_top)
        .mark_point(filled=True)
        .encode(
            x=_across(across),
            y=alt.Y("up:Q", title=measure_title(measure)),
            color=branch_color(),
            shape=branch_shape(),
            size=alt.condition(is_chosen, alt.value(260), alt.value(55)),
            opacity=alt.condition(is_chosen, alt.value(1), alt.value(0.6)),
            tooltip=[
                alt.Tooltip("pair:Q", title="Pair"),
                alt.Tooltip("branch:N", title="Pairs of"),
                alt.Tooltip("class:N", title="Class"),
                alt.Tooltip("across:Q", title=ACROSS[across], format=".3~g"),
                alt.Tooltip("up:Q", title=measure_title(measure), format=".3~g"),
            ],
        )
        .add_params(pick)
    )
    table = data.rename(columns={"across": ACROSS[across], "up": measure_title(measure)})
    return chart.properties(height=HEIGHT), table


def scatter_table(pairs: pd.DataFrame, across: str, measure: str) -> pd.DataFrame:
    """One row a mark: pair, branch, class, and both coordinates."""
    ends = np.maximum(pairs["loss_first"], pairs["loss_second"])
    data = pd.DataFrame(
        {
            "pair": pairs["pair"],
            "branch": pairs["branch"].map(NAMES),
            "class": pairs["class"],
            "across": ends.clip(lower=LOG_FLOOR) if across == "end" else pairs[across],
            "up": pairs[measure],
        }
    )
    if across in PERTURBATION:
        data = data[pairs["branch"] == "adversarial"]
    return data.reset_index(drop=True)


def _across(across: str) -> alt.X:
    if across == "end":
        powers = [10.0**power for power in range(-8, 4)]
        axis = alt.Axis(format="~g", values=powers, labelOverlap=True)
        return alt.X(
            "across:Q", title=ACROSS[across], scale=alt.Scale(type="log", nice=False), axis=axis
        )
    return alt.X("across:Q", title=ACROSS[across], scale=alt.Scale(zero=True, nice=True))
