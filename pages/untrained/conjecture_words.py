"""What the conjecture says and what was measured of it, in words."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from engine.experiments.theory.conjecture import Conjecture
from pages.shared.words import counted, share

NEARLY_ALL = 0.95


def headline(spec: Conjecture, fractions: pd.DataFrame, delta: float) -> str:
    """What became of the share that is joined as dimensions were added, in a sentence."""
    table = fractions[np.isclose(fractions["delta"], delta)].dropna(subset=["fraction"])
    final = table[table["round"] == spec.rounds]
    if final.empty:
        return "No pair met this tolerance."
    first, last = final.iloc[0], final.iloc[-1]
    return (
        f"Of pairs in {last['dimension']:,.0f} dimensions paths join **{share(last['fraction'])}**, in "
        f"{first['dimension']:.0f} dimensions {share(first['fraction'])}."
    )


def verdict(
    spec: Conjecture, fractions: pd.DataFrame, dimensions: pd.DataFrame, delta: float
) -> str:
    """What the numbers of one tolerance say, as a list."""
    table = fractions[np.isclose(fractions["delta"], delta)].dropna(subset=["fraction"])
    beside = dimensions[np.isclose(dimensions["delta"], delta)].set_index("dimension")
    straight, final = (
        table[table["round"] == number].set_index("dimension") for number in (0, spec.rounds)
    )
    lines = [f"**Straight lines** join {_span(straight)}."] if len(straight) else []
    if len(final):
        if spec.rounds:
            after = f"**After {counted(spec.rounds, 'rounds')}** paths join"
            lines.append(f"{after} {_span(final)}; {_nearly_all(final['fraction'])}.")
        theory = beside.loc[final.index, "theory"]
        lines.append(
            f"**Independent sites**, {share(beside.loc[final.index, 'occupied'].mean())} of them occupied, "
            f"would join {share(theory.iloc[0])} and {share(theory.iloc[-1])}."
        )
    if 2 in beside.index and pd.notna(on_grid := beside.loc[2, "on_grid"]) and 2 in final.index:
        lines.append(
            f"**On the map** of two dimensions {share(on_grid)} of the pairs are connected; the search "
            f"joined {share(final.loc[2, 'fraction'])}."
        )
    return "\n".join(f"- {line}" for line in lines)


def limits(spec: Conjecture) -> str:
    """What the measurement leaves open, as a list."""
    lines = [
        "A path that was not found may exist: fractions are lower bounds. Dimensions end at "
        f"{spec.dimensions[-1]:,}: a trend is measured, no limit.",
        "Outputs of a network are correlated and smooth, the proof's sites are independent: that the "
        "fractions agree with percolation does not make it the reason.",
        "Pairs of one network share it: the intervals are somewhat too narrow.",
    ]
    if spec.network == "mlp" and spec.dimensions[-1] > spec.width:
        lines.append(
            f"The first layer has {spec.width} units, so beyond {spec.width} inputs the dimension that "
            "counts grows no more."
        )
    return "\n".join(f"- {line}" for line in lines)


def pair_words(row: Any) -> str:
    """How a pair on the map ended: "joined after 2 rounds"."""
    if row["joined"] == 0:
        return "joined by the straight line"
    if row["joined"] > 0:
        return f"joined after {counted(row['joined'], 'rounds')}"
    return (
        "not joined, though the map shows a way" if row["on_grid"] else "not connected on the map"
    )


def _span(table: pd.DataFrame) -> str:
    """The share joined in the fewest and in the most dimensions, with its intervals."""
    ends = [
        f"{share(row['fraction'])} ({share(row['low'])} to {share(row['high'])})"
        for _, row in table.iloc[[0, -1]].iterrows()
    ]
    first, last = table.index[[0, -1]]
    return f"{ends[0]} of the pairs in {first:,} dimensions, {ends[1]} in {last:,}"


def _nearly_all(fractions: pd.Series) -> str:
    """Whether the share grows towards 1, as the conjecture states."""
    fewer = np.flatnonzero(fractions < NEARLY_ALL)
    if len(fewer) and fewer[-1] == len(fractions) - 1:
        return f"{share(NEARLY_ALL)} is not reached"
    since = fractions.index[fewer[-1] + 1 if len(fewer) else 0]
    return f"from {since:,} dimensions on at least {share(NEARLY_ALL)}"
