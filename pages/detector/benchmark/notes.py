"""The figures of a benchmark in words: transfer, one model for all, where detectors fail, what they cost."""

from __future__ import annotations

import pandas as pd

from pages.detector.benchmark.sentences import CLEARLY, percent
from pages.shared.words import figure, share


def transfer_words(rates: pd.DataFrame, title: str) -> str:
    """The weakest transfer from one attack to another, beside learning from all."""
    single = rates[(rates["trained"] != "All together") & (rates["trained"] != rates["tested"])]
    if single.empty:
        return "There is one attack only, so nothing to transfer to."
    worst = single.loc[single["auc"].idxmin()]
    words = f"Worst from {worst['trained']} to {worst['tested']}: AUC {percent(worst['auc'])} %"
    every = rates[rates["trained"] == "All together"]
    if len(every):
        words += f"; learnt from all together, its lowest is {percent(every['auc'].min())} %"
    return f"{title}. {words}."


def lesson_words(intervals: pd.DataFrame, title: str) -> str:
    """What one model for all attacks costs, or gains, where most, beside one for each."""
    wide = intervals.pivot(index="tested", columns="trained", values="auc")
    if not {"own", "all"} <= set(wide):
        return "There is one attack only, so all together are the same."
    gain = wide["all"] - wide["own"]
    most = gain.abs().idxmax()
    if abs(gain[most]) <= CLEARLY:
        return f"For {title}, one model for all changes no AUC by half a point."
    points = f"{100 * gain[most]:+.1f}".replace("-", "−")
    return f"For {title}, one model for all changes most on {most}: {points} points."


def negatives_words(table: pd.DataFrame) -> str:
    """Which detector takes the most of other clean images for attacked."""
    worst = table.loc[table["alarms"].idxmax()]
    return (
        "Dashed: 5 %, what ordinary clean images get. Worst: "
        f"{worst['title']}, which suspects {share(worst['alarms'])} of images {worst['kind']}."
    )


def adaptive_words(table: pd.DataFrame) -> str:
    """How far the detectors fall that fall most and least when they are known to the attack."""
    fall = table["plain"] - table["adaptive"]
    worst, least = (
        f"from {percent(row['plain'])} to {percent(row['adaptive'])} %"
        for row in (table.loc[fall.idxmax()], table.loc[fall.idxmin()])
    )
    return (
        f"{table.loc[fall.idxmax(), 'title']} falls most, {worst}; {table.loc[fall.idxmin(), 'title']} "
        f"least, {least}. 50 % is chance."
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
