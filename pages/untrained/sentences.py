"""What the conjecture's record shows, in sentences made from its numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from engine.experiments.theory.conjecture import Conjecture
from pages.shared.words import share

NEARLY_ALL = 0.95
CLEARLY = 0.01
"""A difference this large, and outside the interval, is called clear."""


def verdict(
    spec: Conjecture, fractions: pd.DataFrame, dimensions: pd.DataFrame, delta: float
) -> str:
    """What the numbers of one tolerance say, as a list."""
    table = fractions[np.isclose(fractions["delta"], delta)].dropna(subset=["fraction"])
    beside = dimensions[np.isclose(dimensions["delta"], delta)].set_index("dimension")
    straight = table[table["round"] == 0].set_index("dimension")
    final = table[table["round"] == spec.rounds].set_index("dimension")
    lines = [_straight(straight)] if len(straight) else []
    if spec.rounds and len(final):
        lines.append(_bent(final, spec.rounds))
    if len(final):
        lines.append(_theory(final, beside))
    if 2 in beside.index and pd.notna(beside.loc[2, "on_grid"]) and 2 in final.index:
        lines.append(_plane(final.loc[2], float(beside.loc[2, "on_grid"])))
    return "\n".join(f"- {line}" for line in lines)


def pair_words(row: Any) -> str:
    """How a pair on the map ended: "joined after 2 rounds"."""
    if row["joined"] == 0:
        return "joined by the straight line"
    if row["joined"] > 0:
        return f"joined after {row['joined']} round{'s' if row['joined'] > 1 else ''}"
    return (
        "not joined, though the map shows a way" if row["on_grid"] else "not connected on the map"
    )


def _straight(table: pd.DataFrame) -> str:
    first, last = table.iloc[0], table.iloc[-1]
    if len(table) < 2:
        return f"Straight lines join {_interval(first)} of the pairs."
    trend = "about as often in many dimensions as in few"
    if last["high"] < first["low"]:
        trend = "less often in many dimensions than in few"
    elif last["low"] > first["high"]:
        trend = "more often in many dimensions than in few"
    return (
        f"**Straight lines** join {trend}: {_interval(first)} of the pairs in {table.index[0]:,} dimensions, "
        f"{_interval(last)} in {table.index[-1]:,}."
    )


def _bent(table: pd.DataFrame, rounds: int) -> str:
    first = table.iloc[0]
    nearly = table["fraction"] >= NEARLY_ALL
    after = f"**After {rounds} round{'s' if rounds > 1 else ''}** of bypass"
    begin = f"{after} {_interval(first)} of the pairs in {table.index[0]:,} dimensions are joined"
    if nearly.all():
        return f"{begin}, and at least {share(table['fraction'].min())} in every case."
    if not nearly.iloc[-1]:
        return (
            f"{begin}, and {_interval(table.iloc[-1])} in {table.index[-1]:,}: "
            f"{share(NEARLY_ALL)} is not reached."
        )
    since = table.index[np.flatnonzero(~nearly)[-1] + 1]
    least = table.loc[since:, "fraction"].min()
    most = "all" if least == 1 else f"at least {share(least)}"
    return (
        f"{begin}, and from {since:,} dimensions on {most}. That is the "
        "growth towards 1 that the conjecture states, at these sizes."
    )


def _theory(final: pd.DataFrame, beside: pd.DataFrame) -> str:
    theory = beside.loc[final.index, "theory"]
    occupied = beside.loc[final.index, "occupied"].mean()
    clear = (final["fraction"] - theory).abs() > CLEARLY
    more = final.index[clear & (final["low"] > theory)]
    less = final.index[clear & (final["high"] < theory)]
    words = [
        f"**Independent sites**, occupied as often as random inputs fall within 2δ ({share(occupied)}), "
        f"would join {share(theory.iloc[0])} in {final.index[0]:,} dimensions and "
        f"{share(theory.iloc[-1])} in {final.index[-1]:,}."
    ]
    if len(more):
        words.append(
            f"The networks join clearly more in {_names(more)} dimensions: there it helps that "
            "outputs of nearby inputs are correlated, as the paper expects."
        )
    if len(less):
        words.append(f"They join clearly fewer in {_names(less)} dimensions.")
    if not len(more) and not len(less):
        words.append("The networks agree with that within the intervals.")
    return " ".join(words)


def _plane(row: pd.Series, on_grid: float) -> str:
    return (
        f"**Two dimensions** can be mapped: {share(on_grid)} of the pairs are connected on the map, the "
        f"search joined {share(row['fraction'])}. The difference is what the search misses; the rest is "
        "not connected at all, to the map's resolution."
    )


def _interval(row: pd.Series) -> str:
    return f"{share(row['fraction'])} ({share(row['low'])} to {share(row['high'])})"


def _names(values: pd.Index) -> str:
    words = [f"{value:,}" for value in values]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
