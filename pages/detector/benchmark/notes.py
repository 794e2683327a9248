"""What is said beside a benchmark: altered pictures, who knows, cost."""

from __future__ import annotations

import pandas as pd

from pages.detector.benchmark.sentences import of_n, percent
from pages.shared.words import figure, share


def negatives_words(table: pd.DataFrame) -> str:
    """Which detector takes the most of other clean images for attacked."""
    worst = table.loc[table["alarms"].idxmax()]
    return (
        "Dashed: 5 %, what ordinary clean images get. Worst: "
        f"{worst['title']}, which calls {share(worst['alarms'])} of {worst['kind']} clean images "
        f"attacks{of_n(table[table['kind'] == worst['kind']], 'images')}."
    )


def known_words(table: pd.DataFrame) -> str:
    """What an attack that knows the detector leaves of the best of them; empty where none was tried."""
    table = table.dropna(subset=["adaptive"])
    if table.empty:
        return ""
    best = table.loc[table["adaptive"].idxmax()]
    return (
        f"Against an attack that knows the detector, none of them has a higher AUC than {best['title']}, "
        f"with {percent(best['adaptive'])} %{of_n(table, 'images')}."
    )


def adaptive_words(table: pd.DataFrame) -> str:
    """How far the detectors fall that fall most and least when they are known to the attack."""
    fall = table["plain"] - table["adaptive"]
    worst, least = (
        f"from {percent(row['plain'])} to {percent(row['adaptive'])} %"
        for row in (table.loc[fall.idxmax()], table.loc[fall.idxmin()])
    )
    return (
        "Circle: the ordinary attack; triangle: the one that knows the detector. "
        f"{table.loc[fall.idxmax(), 'title']} falls most, {worst}; {table.loc[fall.idxmin(), 'title']} "
        f"least, {least}{of_n(table, 'images')}. 50 % is chance."
    )


def cost_words(costs: pd.DataFrame) -> str:
    """The best detector, and the cheapest near it."""
    best = costs.loc[costs["auc"].idxmax()]
    near = costs[costs["auc"] >= best["auc"] - 0.01]
    cheap = near.loc[near["passes"].idxmin()]
    words = (
        f"The best, {best['title']}, takes {best['passes']:,} passes and {figure(best['milliseconds'])} ms "
        "an image"
    )
    if cheap["title"] == best["title"]:
        return f"{words}; none within a point of it takes fewer passes."
    return (
        f"{words}; within a point of it, {cheap['title']} takes {cheap['passes']:,} passes and "
        f"{figure(cheap['milliseconds'])} ms."
    )
