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
    words = (
        f"{title} transfers worst from {worst['trained']} to {worst['tested']}: AUC "
        f"{percent(worst['auc'])} %"
    )
    every = rates[rates["trained"] == "All together"]
    if len(every):
        words += f"; learnt from all together, its lowest is {percent(every['auc'].min())} %"
    return f"{words}. The diagonal is the usual figure: learnt from the attack it is tested on."


def lesson_words(intervals: pd.DataFrame, title: str) -> str:
    """What one model for all attacks costs, or gains, beside one for each."""
    wide = intervals.pivot(index="tested", columns="trained", values="auc")
    if not {"own", "all"} <= set(wide):
        return "There is one attack only, so all together are the same."
    gain = wide["all"] - wide["own"]
    if gain.abs().max() <= CLEARLY:
        return f"For {title}, learning from all attacks together changes no AUC by half a point."
    worst, best = gain.idxmin(), gain.idxmax()
    parts = []
    if gain[worst] < -CLEARLY:
        parts.append(f"costs most on {worst} ({100 * gain[worst]:+.1f} points)".replace("-", "−"))
    if gain[best] > CLEARLY:
        parts.append(f"gains most on {best} ({100 * gain[best]:+.1f} points)")
    return f"For {title}, learning from all attacks together {' and '.join(parts)}."


def negatives_words(table: pd.DataFrame) -> str:
    """Which detector takes the most of other clean images for attacked."""
    worst = table.loc[table["alarms"].idxmax()]
    return (
        "Dashed: 5 %, what ordinary clean images get. A bar beyond it is a weakness: the detector takes "
        f"unusual images for attacked ones. Most of all {worst['title']}, which suspects "
        f"{share(worst['alarms'])} of images {worst['kind']}."
    )


def adaptive_words(table: pd.DataFrame) -> str:
    """How far the best detector falls when it is known to the attack."""
    fall = table["plain"] - table["adaptive"]
    worst, least = table.loc[fall.idxmax()], table.loc[fall.idxmin()]
    return (
        f"The attack knows the detector and tries to deceive it too. {worst['title']} falls most, from "
        f"{percent(worst['plain'])} to {percent(worst['adaptive'])} %; {least['title']} least, from "
        f"{percent(least['plain'])} to {percent(least['adaptive'])} %. 50 % is chance."
    )


def cost_words(costs: pd.DataFrame) -> str:
    """The cheapest detector near the best one."""
    best = costs.loc[costs["auc"].idxmax()]
    near = costs[costs["auc"] >= best["auc"] - 0.01]
    cheap = near.loc[near["passes"].idxmin()]
    words = (
        f"Up and to the left is better. The best, {best['title']}, takes {best['passes']:,} passes and "
        f"{figure(best['milliseconds'])} ms an image"
    )
    if cheap["title"] == best["title"]:
        return f"{words}; none within a point of it takes fewer passes."
    return (
        f"{words}; within a point of it, {cheap['title']} takes {cheap['passes']:,} passes and "
        f"{figure(cheap['milliseconds'])} ms."
    )
