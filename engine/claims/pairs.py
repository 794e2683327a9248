"""What the paper claims of pairs of pictures: real with real, and real with attacked (secs. 3 to 4.2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from engine.claims.claim import Claim, Drawn, Measure, Numbers, Reading, Rule, Trial
from engine.claims.readings import median_of, share_of
from engine.experiments.pair.results import AdversarialResult
from engine.experiments.population.drawing import Branch
from engine.experiments.population.pair_statistics import PAPER, PairStatistics
from engine.experiments.population.results import PopulationResult
from engine.gallery import (
    ALL_PICTURES,
    GOLF_BALL,
    GOOGLENET_PAIRS,
    MEASURED,
    MOBILENET_PAIRS,
    POPULATIONS,
    RESNET18_JOINED,
    RESNET20,
    SHAPES_IN_FULL,
    SHAPES_JOINED,
    joined_pairs,
)
from engine.plots.branches import MEASURES, NAMES, box_plots, samples_of
from engine.plots.curves import loss_curves
from engine.plots.grammar import Figure
from engine.plots.standing import rounds_needed
from engine.statistics import compare
from engine.words import figure

GOOGLENET_JOINED = Trial(
    (GOOGLENET_PAIRS,),
    "The paper's network as Caffe trained it, and correctly classified validation pictures, verified on 50 "
    "points a segment; the paper shows examples and gives no count.",
)
MOBILENET_JOINED = Trial(
    (MOBILENET_PAIRS,),
    "Another network of 1,000 classes on the same pictures: what differs is the network's.",
)
RESNET20_JOINED = Trial(
    (joined_pairs(RESNET20, "cifar10", 100),), "Ten classes and small pictures."
)
SHAPES = Trial((SHAPES_JOINED,), "Can be computed anew with what ships.")
SHAPES_WITHOUT_STOP = Trial(
    (SHAPES_IN_FULL,),
    "All 1,024 iterations of every round, as in the paper, where the others stop at the threshold.",
    "all iterations",
)
JOINED = (GOOGLENET_JOINED, MOBILENET_JOINED, RESNET20_JOINED, SHAPES, SHAPES_WITHOUT_STOP)

ELSEWHERE = tuple(
    Trial((spec,))
    for spec in (*MEASURED, *POPULATIONS)
    if isinstance(spec, PairStatistics) and not spec.connect.rounds and spec != ALL_PICTURES
)

RESNET18_CIFAR = Trial(
    (RESNET18_JOINED,),
    "The paper's network for these pictures, which have been through JPEG, trained for 30 epochs by the "
    "recipe (`python -m engine train resnet18-cifar10 --epochs 30`).",
)


def joined(branch: Branch) -> Measure:
    """The share of the pairs of a branch that a path of low loss joins."""

    def measure(results: Sequence[PopulationResult]) -> Reading:
        pairs = of_branch(results, branch)
        return share_of(int(pairs["joined"].sum()), len(pairs), "pairs")

    return measure


def taking_more(branch: Branch) -> Measure:
    """Of the pairs with a barrier, the share that takes more than one round, or is never joined."""

    def measure(results: Sequence[PopulationResult]) -> Reading:
        more, barred = np.sum([one.taking(branch, 1) for one in results], axis=0)
        return share_of(int(more), int(barred), "pairs with a barrier")

    return measure


def mended(results: Sequence[PopulationResult]) -> Reading:
    """Of the pairs that one round leaves with a barrier, the share that the second joins."""
    pairs = pd.concat([one.pairs for one in results])
    left = pairs[pairs["rounds"].gt(1) | (pairs["rounds"].eq(1) & pairs["joined"].eq(0))]
    done = left["rounds"].eq(2) & left["joined"].eq(1)
    return share_of(int(done.sum()), len(left), "pairs left with a barrier")


def moved(results: Sequence[PopulationResult]) -> Reading | None:
    """The median distance of B′ from B over real pairs, root mean square, in levels of 255."""
    return median_of(
        255 * of_branch(results, "real")["moved"].to_numpy(float), "pairs with a barrier"
    )


def larger_gap(results: Sequence[PopulationResult]) -> Reading:
    """The chance that the real-adversarial one of two pairs has the larger gap."""
    real, attacked = (of_branch(results, branch)["gap"].to_numpy(float) for branch in NAMES)
    test = compare(real, attacked)
    return Reading(test.auc, test.auc_low, test.auc_high, len(real) + len(attacked), "pairs")


def barriers_beside(results: Sequence[PopulationResult]) -> Numbers:
    """Means and medians of Fig. 6, ours beside the paper's."""
    rows = []
    for (branch, measure), paper in PAPER.items():
        own = results[0].statistics(branch, measure)
        rows += [
            {
                "what": f"{MEASURES[measure]}, {NAMES[branch].lower()}, {name} (nats)",
                "paper": figure(paper[name]),
                "here": f"{figure(own[name])} ({figure(own[f'{name}_low'])} to "
                f"{figure(own[f'{name}_high'])})",
            }
            for name in ("mean", "median")
        ]
    return rows


def rounds_beside(results: Sequence[PopulationResult]) -> Numbers:
    """How many pairs of each branch take how many rounds, and what the first one leaves."""
    rows = []
    for branch, name in NAMES.items():
        own = of_branch(results, branch)
        taken = own["rounds"].where(own["joined"] == 1).value_counts().sort_index()
        counts = ", ".join(f"{count} in {int(k)}" for k, count in taken.items())
        never = int((own["joined"] == 0).sum())
        first = own["left_1"].dropna()
        left = f"median {figure(first.median())}, most {figure(first.max())}" if len(first) else "–"
        rows += [
            {"what": f"{name}: pairs by rounds", "here": f"{counts}; never: {never}"},
            {"what": f"{name}: loss that one round leaves (nats)", "here": left},
        ]
    return [{"what": row["what"], "paper": "–", "here": row["here"]} for row in rows]


def change_beside(results: Sequence[PopulationResult]) -> Numbers:
    """What a bend changes in the picture at the top of the barrier."""
    rows = []
    for branch, name in NAMES.items():
        own = of_branch(results, branch)
        known = own[np.isfinite(own["moved"])]
        for column, words, factor in (
            ("moved", "root mean square (levels of 255)", 255),
            ("moved_most", "largest in any value (levels of 255)", 255),
            ("roughness", "high-frequency penalty of B′ over B's", 1),
        ):
            here = figure(factor * known[column].median()) if len(known) else "–"
            rows.append({"what": f"{name}, median change: {words}", "paper": "–", "here": here})
    return rows


def by_rounds(result: PopulationResult) -> Figure:
    return rounds_needed(result.pairs, result.spec.connect.rounds)


def gaps(result: PopulationResult) -> Figure:
    return box_plots(samples_of(result.pairs, "gap"), "gap")


def real_curves(result: AdversarialResult) -> Figure:
    assert result.real is not None
    return loss_curves(result.real)


def of_branch(results: Sequence[PopulationResult], branch: str) -> pd.DataFrame:
    """The pairs of a branch, of all populations."""
    return pd.concat([one.pairs[one.pairs["branch"] == branch] for one in results])


ROUNDS = Drawn("Rounds that the pairs need", by_rounds)
REAL_CURVES = Drawn("The loss from one golf ball to another (Fig. 2)", real_curves, GOLF_BALL)

CLAIMS = (
    Claim(
        "same-class",
        "Pictures of one class connect",
        "Two pictures that a network sees as one class are joined by a path of low loss, straight or with a "
        "few bends.",
        "Secs. 3 and 4.1, Figs. 1, 2 and 12",
        "Shown by example; no number.",
        "Share of same-class pairs that a path joins within four rounds",
        Rule(0.8, 0.5),
        joined("real"),
        JOINED,
        "real-real",
        drawn=(REAL_CURVES, ROUNDS),
        numbers=rounds_beside,
    ),
    Claim(
        "looks-alike",
        "The bent picture looks like the blend it came from",
        "B′, which the bend puts in place of the top B of the barrier, closely resembles it; their "
        "difference is one pattern, scaled along the path.",
        "Sec. 4.1, Figs. 1 and 3",
        "Shown by example; no number.",
        "Median distance of B′ from B over real pairs, root mean square (8 of 255 levels is what attacks "
        "that nobody shall see are usually allowed)",
        Rule(8, 16, lower=True),
        moved,
        JOINED,
        "real-real",
        unit="levels",
        numbers=change_beside,
    ),
    Claim(
        "cifar",
        "The same on CIFAR-10",
        "Pictures of CIFAR-10 that ResNet-18 sees as one class are joined as those of ImageNet are.",
        "App. E, Fig. 13",
        "Shown by example; no number.",
        "Share of same-class pairs that a path joins within four rounds",
        Rule(0.8, 0.5),
        joined("real"),
        (RESNET18_CIFAR, RESNET20_JOINED),
        "real-real",
    ),
    Claim(
        "many-bends",
        "Paths to attacked pictures need many bends",
        "Between a real picture and one attacked into its class, one round leaves barriers far above the "
        "threshold: it takes a second one, so that the path is more complex than between real pictures.",
        "Sec. 4.2, Figs. 4 and 5",
        "Shown by example: a golf ball and an attacked revolver need two rounds.",
        "Share of real–adversarial pairs with a barrier that need more than one round",
        Rule(0.5, 0.5),
        taking_more("adversarial"),
        JOINED,
        "real-adversarial",
        drawn=(
            Drawn(
                "The loss from a golf ball to an attacked picture (Fig. 5)", loss_curves, GOLF_BALL
            ),
            ROUNDS,
        ),
        numbers=rounds_beside,
    ),
    Claim(
        "one-bend",
        "Paths between real pictures need one bend",
        "One round is usually enough between two real pictures; what it leaves is below the threshold.",
        "Sec. 4.1, Figs. 1 and 2",
        "Shown by example; no number.",
        "Share of real–real pairs with a barrier that need more than one round",
        Rule(0.25, 0.5, lower=True),
        taking_more("real"),
        JOINED,
        "real-real",
    ),
    Claim(
        "second-round",
        "A second round removes what the first one leaves",
        "Secondary barriers are bypassed by applying the same procedure to both segments.",
        "Secs. 4.1 and 4.2, Fig. 5",
        "Shown by example; no number.",
        "Share of the pairs with a barrier after one round, of both kinds, that the second round joins",
        Rule(0.8, 0.5),
        mended,
        JOINED,
        "real-adversarial",
    ),
    Claim(
        "higher-barriers",
        "Barriers to attacked pictures are far higher",
        "The straight path from a real picture to an attacked one has a far higher barrier than that "
        "between two real ones.",
        "Sec. 4.2, Fig. 6",
        "5,000 pairs each: median gap 0.47 against 5.30 nats, mean 1.00 against 5.19.",
        "Chance that of two pairs the real–adversarial one has the larger gap (50 % is chance, 71 % a large "
        "effect, 56 % a small one)",
        Rule(0.71, 0.56),
        larger_gap,
        (
            Trial(
                (ALL_PICTURES,),
                "All pictures, as in the paper, but 50 points a path for 250, and 500 pairs of each kind for "
                "5,000.",
            ),
            *(
                replace(trial, mark="correctly classified")
                for trial in (GOOGLENET_JOINED, MOBILENET_JOINED)
            ),
            *ELSEWHERE,
        ),
        "real-adversarial",
        drawn=(Drawn("The gaps of both kinds of pairs (Fig. 6)", gaps),),
        numbers=barriers_beside,
    ),
)
