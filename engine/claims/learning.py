"""What is claimed of networks while they learn: barriers between modes (Figs. 10, 11) and pictures."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from engine.claims.claim import Claim, Drawn, Numbers, Reading, Rule, Trial
from engine.claims.pairs import larger_gap, of_branch
from engine.claims.readings import change_of
from engine.experiments.population.results import PopulationResult
from engine.experiments.untrained.evolution import SHORT
from engine.experiments.untrained.results import EvolutionResult
from engine.gallery import (
    RESNET18_IN_FULL,
    ROBUST_JOINED,
    SETTLED,
    SHAPES_JOINED,
    TRAINING_OF_RESNET18,
    WHILE_LEARNING,
)
from engine.plots.branches import NAMES
from engine.plots.grammar import Figure
from engine.plots.stages import stage_barriers, stage_curves
from engine.words import bare, figure, share

THIRDS = 3


def fall(results: Sequence[EvolutionResult]) -> Reading | None:
    """The mean barrier over the last third of the first batches less that over the first third, in nats."""
    return change_of(_early(results[0])["height"].to_numpy(float), THIRDS, "moments")


def growing_spread(results: Sequence[EvolutionResult]) -> Reading | None:
    """The spread of barriers in the last third of the epochs less that in the middle one, in nats."""
    table = results[0].barriers
    spread = table.loc[table["phase"] == "epoch", "spread"].to_numpy(float)
    return change_of(spread[len(spread) // THIRDS :], THIRDS - 1, "epochs")


def moments_beside(results: Sequence[EvolutionResult]) -> Numbers:
    """A few moments: the mean barrier, and the share of pairs that converged."""
    table, whole = _early(results[0]), results[0].barriers
    rows = table.iloc[sorted({round(k * (len(table) - 1) / 6) for k in range(7)})]
    if results[0].spec.batches:
        rows = pd.concat([rows, whole[(whole["phase"] == "epoch") & whole["number"].between(1, 3)]])
    return [
        {
            "what": f"after {row.phase} {row.number}: mean barrier (nats), pairs that converged",
            "paper": "–",
            "here": f"{figure(row.height) if row.pairs else '–'}, {share(row.pairs / row.tried)}",
        }
        for row in rows.itertuples()
    ]


def early_barriers(result: EvolutionResult) -> Figure:
    return stage_barriers(result.barriers, _phase(result))


def early_curves(result: EvolutionResult) -> Figure:
    return stage_curves(result.curves, _phase(result))


def _phase(result: EvolutionResult) -> str:
    """What Fig. 10 goes by: batches, or the epochs of so few images that each is a few batches."""
    return "batch" if result.spec.batches else "epoch"


def _early(result: EvolutionResult) -> pd.DataFrame:
    return result.barriers[result.barriers["phase"] == _phase(result)]


def learnt_gap(results: Sequence[PopulationResult]) -> Reading:
    """How much more the gap tells attacked pictures with the last network than with the first, in AUC."""
    first, last = (larger_gap([results[k]]) for k in (0, -1))
    return Reading(
        last.value - first.value,
        last.low - first.high,
        last.high - first.low,
        first.count + last.count,
        "pairs",
    )


def learning_beside(results: Sequence[PopulationResult]) -> Numbers:
    """Each network: how many pairs it classifies, how their paths bend, and how high their barriers are."""
    rows = []
    for result in results:
        counts = result.counts("real")
        seen = 1 - counts.get("misclassified", 0) / counts["drawn"]
        branches = []
        for branch, name in NAMES.items():
            own = of_branch([result], branch)
            bent = own["joined"].eq(1) & own["rounds"].le(1)
            branches.append(
                f"{name}: median gap {figure(own['gap'].median())} nats, {share(bent.mean())} with at most "
                f"one bend, {share(own['joined'].mean())} joined"
            )
        name = bare(result.spec.classifier)
        rows.append(
            {
                "what": f"{name}, which classifies both ends of {share(seen)} of the pairs correctly",
                "paper": "–",
                "here": "; ".join(branches),
            }
        )
    return rows


LAGGING = Trial(
    (SHORT,),
    "The same training, with the running statistics of batch normalisation, which lag behind at first.",
    "running statistics",
)
SETTLED_SHAPES = Trial(
    (SETTLED,),
    "A small network; one pair a class. The next line changes the statistics alone.",
    "estimated statistics",
)
RESNET18 = Trial(
    (RESNET18_IN_FULL,),
    "The paper's network, 30 epochs of all 50,000 training pictures, statistics estimated anew; one pair a "
    "class and 250 steps an input, where the paper has five pairs and 4,096 steps. The recipe's step size "
    "grows over three epochs, so that 30 batches teach little.",
)
RESNET18_QUICKLY = Trial(
    (TRAINING_OF_RESNET18,),
    "The same network, taught by 640 pictures, whose first 30 batches are six epochs: the step size is at "
    "its largest after three batches.",
    "640 pictures",
)

LEARNING = Trial(
    WHILE_LEARNING,
    "ResNet-18 on CIFAR-10 after 3, 9, 18 and 30 epochs of one training. The rule was written down after "
    "this run.",
    "to 30 epochs",
)

ATTACKED = Trial(
    (SHAPES_JOINED, ROBUST_JOINED),
    "The same small network, images and recipe; the second learnt from images each of which was moved by "
    "up to 8/255 to mislead it (`python -m engine train shapes-resnet-robust`).",
    "with and without learning from attacks",
)

CLAIMS = (
    Claim(
        "falls-early",
        "Barriers fall early in training",
        "While a network learns its first batches, barriers on straight lines between optimal inputs fall.",
        "App. D.1, Fig. 10",
        "Shown as curves over the first 30 batches; no number.",
        "Mean barrier over the last third of the first batches less that over the first third",
        Rule(0, 0, lower=True),
        fall,
        (RESNET18, RESNET18_QUICKLY, SETTLED_SHAPES, LAGGING),
        "untrained",
        unit="nats",
        drawn=(
            Drawn("The barrier by batch (Fig. 10)", early_barriers),
            Drawn("Mean loss on the straight lines (Fig. 10)", early_curves),
        ),
        numbers=moments_beside,
    ),
    Claim(
        "spreads-later",
        "Later the fall saturates and the spread grows",
        "After the early fall barriers saturate, and from some point on they spread more and more.",
        "App. D.1, Fig. 11",
        "Shown as curves over 30 epochs; no number.",
        "Standard deviation of barriers in the last third of the epochs less that in the middle third",
        Rule(0, 0),
        growing_spread,
        (RESNET18, SETTLED_SHAPES, LAGGING),
        "untrained",
        unit="nats",
        drawn=(
            Drawn(
                "The barrier by epoch (Fig. 11)",
                lambda result: stage_barriers(result.barriers, "epoch"),
            ),
        ),
    ),
    Claim(
        "while-learning",
        "The better a network, the more barriers tell attacks",
        "As a network learns, barriers to attacked pictures rise further above those between real ones; low "
        "paths join all of them all along.",
        "Beyond the paper",
        "Not in the paper.",
        "Chance that of two pairs the real–adversarial one has the larger gap, with the network that has "
        "learnt longest, less that with the one that has learnt least",
        Rule(0, 0),
        learnt_gap,
        (LEARNING,),
        "real-adversarial",
        unit="points",
        numbers=learning_beside,
        own=True,
    ),
    Claim(
        "learnt-from-attacks",
        "Where a network learnt from attacks, barriers tell them less",
        "In a network that was trained on attacked images, barriers to attacked pictures stand out less from "
        "those between real ones than in the same network without such training.",
        "Beyond the paper",
        "Not in the paper.",
        "Chance that of two pairs the real–adversarial one has the larger gap, with the network that learnt "
        "from attacks, less that with the one that did not",
        Rule(0, 0, lower=True),
        learnt_gap,
        (ATTACKED,),
        "real-adversarial",
        unit="points",
        numbers=learning_beside,
        own=True,
    ),
)
