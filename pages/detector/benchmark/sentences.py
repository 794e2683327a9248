"""A benchmark in words, made from its numbers: whatever comes out is said."""

from __future__ import annotations

import numpy as np
import pandas as pd

from engine.experiments.detection.results import FLOAT, ROUNDED, BenchmarkResult
from pages.shared.figures.remembered import remembered
from pages.shared.words import counted, listed

PAPERS = "mode-connectivity"
CLEARLY = 0.005
"""A difference of AUC below this, half a point, is called none."""


def percent(value: float) -> str:
    """A share in percent without its sign: "98.6", "100"."""
    words = f"{100 * value:.1f}"
    return words.removesuffix(".0") if words == "100.0" else words


def of_n(rows: pd.DataFrame, column: str = "pairs") -> str:
    """Of how many pictures shares are, " (n = 40)"; empty in earlier records, which do not say."""
    if column not in rows or rows.empty:
        return ""
    few, many = int(rows[column].min()), int(rows[column].max())
    return f" (n = {few:,})" if few == many else f" (n = {few:,} to {many:,})"


@remembered
def finding(found: BenchmarkResult, pixels: str) -> str:
    """Who leads and by how much; then the paper's detector, where it takes part."""
    means = found.means(pixels)
    order = sorted(means, key=lambda name: -means[name])
    first, titles = order[0], found.titles
    words = f"**{titles[first]}** has the highest mean AUC, **{percent(means[first])} %**"
    if len(order) > 1:
        second = percent(means[order[1]])
        same = second == percent(means[first])
        words += f"; {titles[order[1]]} {'has as much' if same else f'follows with {second} %'}"
    words += "."
    if PAPERS in means and len(means) > 1:
        place = f"number {order.index(PAPERS) + 1} of {len(order)}"
        words += (
            f" The paper's detector, {titles[PAPERS]}, is {place}, with {percent(means[PAPERS])} %."
        )
    return words


@remembered
def more_words(found: BenchmarkResult, pixels: str) -> str:
    """Where the first one leads and what it rests on; where the paper's detector is weak and strong."""
    means = found.means(pixels)
    first = max(means, key=lambda name: means[name])
    leads = _leads(found, pixels, first)
    every = len(leads) == len(found.attacks) > 1
    where = f"all {len(leads)} attacks" if every else listed(leads) if leads else "no attack"
    words = f"{found.titles[first]} is first against {where}."
    if rests := found.rests_on(first, pixels):
        alone = found.aspects(first, pixels)["mean"][rests]
        words += f" Most of that rests on {rests}, which alone reach {percent(alone)} %."
    if PAPERS in means and len(means) > 1:
        words += f" {_papers(found, pixels)}"
    return words


def rounding_words(found: BenchmarkResult) -> str:
    """What 8-bit rounding does to the mean AUC of each detector."""
    if found.spec.attack.survive != "no":
        return "With 8-bit pixels, attacks aim at images that still err in a file, and only those count."
    before, after = found.means(FLOAT), found.means(ROUNDED)
    fallen = {
        found.titles[name]: before[name] - after[name]
        for name in before
        if before[name] - after[name] > CLEARLY
    }
    if not fallen:
        return "Rounding attacked images to 8 bits, as a file does, lowers no mean AUC by half a point."
    most = max(fallen, key=lambda title: fallen[title])
    return (
        "Rounding attacked images to 8 bits, as a file does, lowers the mean AUC of "
        f"{counted(len(fallen), 'detectors')} by half a point or more: most that of {most}, by "
        f"{100 * fallen[most]:.1f} points."
    )


def beware(found: BenchmarkResult) -> str:
    """What may flatter detectors that look at spectra."""
    words = "Clean images have 8 bits a value, attacked ones are floats"
    if found.spec.dataset.startswith("cifar"):
        words += ", and clean ones may have been through JPEG"
    return f"{words}: that alone helps detectors that look at spectra. Compare with 8-bit pixels."


def _papers(found: BenchmarkResult, pixels: str) -> str:
    rows = found.headline(pixels)
    own = rows[rows["detector"] == PAPERS].set_index("attack")["auc"]
    worst, best = str(own.idxmin()), str(own.idxmax())
    words = (
        f"The AUC of {found.titles[PAPERS]} is lowest "
        f"against {found.attacks[worst]} ({percent(own[worst])} %) and highest against "
        f"{found.attacks[best]} ({percent(own[best])} %)"
    )
    paper = {a: v for a in own.index if (v := found.paper_auc(PAPERS, a)) is not None}
    if not paper:
        return f"{words}."
    apart = float(np.mean([own[a] - v for a, v in paper.items()]))
    side = "above" if apart > 0 else "below"
    return f"{words}; on average {100 * abs(apart):.1f} points {side} the paper's own figures."


def _leads(found: BenchmarkResult, pixels: str, name: str) -> list[str]:
    rows = found.headline(pixels)
    best = rows.groupby("attack")["auc"].max()
    own = rows[rows["detector"] == name].set_index("attack")["auc"]
    return [title for a, title in found.attacks.items() if a in own and own[a] >= best[a] - 1e-9]


def transfer_words(rates: pd.DataFrame, title: str, of: str = "") -> str:
    """The weakest transfer from one attack to another, beside learning from all; `of` how many."""
    single = rates[(rates["trained"] != "All together") & (rates["trained"] != rates["tested"])]
    if single.empty:
        return "There is one attack only, so nothing to transfer to."
    worst = single.loc[single["auc"].idxmin()]
    words = f"Worst from {worst['trained']} to {worst['tested']}: AUC {percent(worst['auc'])} %"
    every = rates[rates["trained"] == "All together"]
    if len(every):
        words += f"; learnt from all together, its lowest is {percent(every['auc'].min())} %"
    return f"{title}. {words}{of}."


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
