"""What the paper claims of why inputs connect: percolation and Conjecture 5.1 (sec. 5, app. A, C and F)."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from engine.claims.claim import Claim, Drawn, Numbers, Reading, Rule, Trial
from engine.claims.readings import NORMAL
from engine.experiments.theory.conjecture import Conjecture, Percolation
from engine.experiments.theory.results import ConjectureResult, PercolationResult
from engine.plots.grammar import Figure
from engine.plots.joining import joined_fractions
from engine.plots.lattices import order_parameter
from engine.statistics import wilson
from engine.words import figure, share


def threshold_error(results: Sequence[PercolationResult]) -> Reading:
    """How far the worst threshold is from the literature's, as a share of it."""
    table = results[0].thresholds
    off = (table["estimate"] / table["literature"] - 1).abs()
    worst = off.idxmax()
    error = NORMAL * float(table["error"][worst] / table["literature"][worst])
    value = float(off[worst])
    return Reading(value, max(0.0, value - error), value + error, len(table), "dimensions")


def short_of_mean_field(results: Sequence[PercolationResult]) -> Reading:
    """How far mean field's threshold 1/2d is below the one that was found, in the highest dimension."""
    last = results[0].thresholds.iloc[-1]
    value = float(1 - last["mean_field"] / last["estimate"])
    error = NORMAL * float(last["error"] * last["mean_field"] / last["estimate"] ** 2)
    return Reading(value, value - error, value + error, 1, "dimensions")


def thresholds_beside(results: Sequence[PercolationResult]) -> Numbers:
    """The threshold in each dimension beside the literature and mean field."""
    return [
        {
            "what": f"threshold in {row.dimension} dimensions",
            "paper": f"mean field {figure(row.mean_field)}",
            "here": f"{figure(row.estimate)} ± {figure(row.error)}, literature {figure(row.literature)}",
        }
        for row in results[0].thresholds.itertuples()
    ]


def joined_at_last(results: Sequence[ConjectureResult]) -> Reading:
    """The share of pairs joined in the highest dimension, at the strictest tolerance."""
    row = _fraction(results[0], -1)
    value, low, high = (float(row[name]) for name in ("fraction", "low", "high"))
    return Reading(value, low, high, int(row["pairs"]), "pairs")


def growth_with_dimension(results: Sequence[ConjectureResult]) -> Reading:
    """How much larger that share is than in the lowest dimension."""
    first, last = (_fraction(results[0], place) for place in (0, -1))
    value = float(last["fraction"] - first["fraction"])
    low, high = float(last["low"] - first["high"]), float(last["high"] - first["low"])
    return Reading(value, low, high, int(first["pairs"] + last["pairs"]), "pairs")


def above_independent(results: Sequence[ConjectureResult]) -> Reading:
    """In two dimensions, the share of pairs joined on the map less what independent sites would give."""
    table = results[0].dimensions
    row = table[table["dimension"] == table["dimension"].min()].sort_values("delta").iloc[0]
    count, theory = int(row["pairs"]), float(row["theory"])
    low, high = wilson(round(row["on_grid"] * count), count)
    return Reading(float(row["on_grid"]) - theory, low - theory, high - theory, count, "pairs")


def fractions_beside(results: Sequence[ConjectureResult]) -> Numbers:
    """The share of pairs joined, straight and in all, at the strictest tolerance."""
    table = _strict(results[0])
    rows = []
    for dimension, own in table.groupby("dimension"):
        straight, *_, last = own.sort_values("round")["fraction"]
        here = f"{share(straight)} straight, {share(last)} after {own['round'].max()} rounds"
        rows.append(
            {"what": f"{dimension:,} dimensions: pairs joined", "paper": "→ 100 %", "here": here}
        )
    return rows


def order(result: PercolationResult) -> Figure:
    return order_parameter(result.order, "largest", "p")


def fractions(result: ConjectureResult) -> Figure:
    return joined_fractions(
        result.fractions, result.dimensions, float(result.fractions["delta"].min())
    )


def _strict(result: ConjectureResult) -> pd.DataFrame:
    table = result.fractions
    return table[table["delta"] == table["delta"].min()]


def _fraction(result: ConjectureResult, place: int) -> pd.Series:
    """The row of all rounds together, of the first dimension (0) or the last (-1)."""
    table = _strict(result)
    return table[table["round"] == table["round"].max()].sort_values("dimension").iloc[place]


LATTICES = (Trial((Percolation(),), "Lattices of about 40,000 sites, 2 to 7 dimensions."),)
NETWORKS = (
    Trial((Conjecture(),), "Multilayer perceptrons with one output, 2 to 4,096 dimensions."),
)

CLAIMS = (
    Claim(
        "percolation",
        "A cluster that spans appears at a sharp threshold",
        "Site percolation on a lattice has a sharp transition at a critical probability, in every dimension.",
        "App. A, Fig. 9 and Table 2",
        "Shown for two dimensions, below, near and above the threshold.",
        "Distance of the worst threshold from the literature's, as a share of it",
        Rule(0.01, 0.05, lower=True),
        threshold_error,
        LATTICES,
        "untrained",
        drawn=(Drawn("The largest cluster against p (Fig. 9)", order),),
        numbers=thresholds_beside,
    ),
    Claim(
        "mean-field",
        "In many dimensions the threshold is 1/2d",
        "Closed loops can be neglected in many dimensions, so that the threshold is one over the number of "
        "neighbours.",
        "App. C.3, equations 24 to 27",
        "Threshold 1/2d; no dimension is named from which on.",
        "How far 1/2d is below the threshold that was found in seven dimensions, as a share",
        Rule(0.1, 0.5, lower=True),
        short_of_mean_field,
        LATTICES,
        "untrained",
        numbers=thresholds_beside,
    ),
    Claim(
        "conjecture",
        "Random inputs of like output connect",
        "Two random inputs that a network at initialisation maps to almost the same output are almost always "
        "joined by a path on which the output stays so, as the input dimension grows.",
        "Sec. 5.2, Conjecture 5.1",
        "Probability → 1.",
        "Share of pairs joined in 4,096 dimensions, at the strictest tolerance",
        Rule(0.95, 0.5),
        joined_at_last,
        NETWORKS,
        "untrained",
        number=1.0,
        drawn=(Drawn("Pairs joined by input dimension", fractions),),
        numbers=fractions_beside,
    ),
    Claim(
        "grows-with-dimension",
        "They connect the more, the more dimensions",
        "The chance that a path exists grows with the input dimension.",
        "Sec. 5.2, Conjecture 5.1",
        "Grows exponentially; no number.",
        "Share of pairs joined in 4,096 dimensions less that in two",
        Rule(0, 0),
        growth_with_dimension,
        NETWORKS,
        "untrained",
        unit="points",
    ),
    Claim(
        "correlated",
        "Correlations make connecting easier",
        "The paper takes sites as independent, which those of a network are not; their correlations are "
        "positive, so that more is connected than that predicts.",
        "App. F.1, limitations",
        "Argued, not measured.",
        "In two dimensions, share of pairs joined on the map less what independent sites give",
        Rule(0, 0),
        above_independent,
        NETWORKS,
        "untrained",
        unit="points",
    ),
)
