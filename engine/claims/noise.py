"""What the paper claims of modes made from noise: before, in and after training."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import pandas as pd

from engine.claims.claim import Claim, Drawn, Numbers, Reading, Rule, Trial
from engine.claims.readings import change_of, share_of
from engine.experiments.synthesis.results import ManifoldResult
from engine.experiments.untrained.evolution import SHORT
from engine.experiments.untrained.results import EvolutionResult, UntrainedResult
from engine.experiments.untrained.untrained import SEVERAL
from engine.gallery import (
    GOOGLENET_MODES,
    RESNET18_IN_FULL,
    SETTLED,
    SHAPES_MODES,
    SMALL_UNTRAINED,
    TRAINING_OF_RESNET18,
)
from engine.plots.curves import loss_curves
from engine.plots.grammar import Figure
from engine.plots.stages import stage_barriers, stage_curves
from engine.words import counted, figure, share

THIRDS = 3


def one_round(results: Sequence[ManifoldResult]) -> Reading:
    """The share of pairs of modes that one round joins; one without two modes counts against."""
    good = [one.connected and one.numbers["rounds"] <= 1 for one in results]
    return share_of(sum(good), len(good), "pairs of modes")


def modes_beside(results: Sequence[ManifoldResult]) -> Numbers:
    """Each class: of every pair of its modes the barrier, and what each round leaves, in nats."""
    joined = [one.numbers["rounds"] for one in results if one.connected]
    counted_up = [f"{joined.count(k)} by {counted(k, 'rounds')}" for k in sorted({*joined, 1})]
    rows = [
        {
            "what": f"pairs of modes that are joined, of {len(results)}",
            "paper": "1 shown, by one round, to numerical precision",
            "here": ", ".join(counted_up),
        }
    ]
    for name in dict.fromkeys(one.target_name for one in results):
        paths = [
            " → ".join(map(figure, one.rounds["height"])) if one.searched else "one is no mode"
            for one in results
            if one.target_name == name
        ]
        rows.append(
            {
                "what": f"{name}: barrier, and after each round (nats)",
                "paper": "–",
                "here": "; ".join(paths),
            }
        )
    return rows


def two_rounds(results: Sequence[UntrainedResult]) -> Reading:
    """The share of pairs of inputs that two rounds join; one that did not converge counts against."""
    pairs = pd.concat([one.pairs for one in results])
    good = pairs["connected"].astype(bool) & pairs["rounds"].le(2)
    return share_of(int(good.sum()), len(pairs), "pairs that were tried")


def inputs_beside(results: Sequence[UntrainedResult]) -> Numbers:
    """How many pairs converged, and how many of those were joined."""
    pairs = pd.concat([one.pairs for one in results])
    ready = pairs[pairs["converged"].astype(bool)]
    told = f"{int(ready['connected'].sum())} of {len(ready)}"
    return [
        {
            "what": "pairs of which both inputs got below 0.0005 nats",
            "paper": "–",
            "here": f"{len(ready)} of {len(pairs)}",
        },
        {"what": "of these, joined below it by four segments", "paper": "1 shown", "here": told},
    ]


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

CLAIMS = (
    Claim(
        "optimal-modes",
        "Two unlike modes from noise join in one round",
        "A natural-looking mode and a high-frequency pattern of one class, both of almost no loss, are "
        "joined by one round, and no barrier is left almost to numerical precision.",
        "Sec. 4.3, Fig. 7",
        "Shown by example, golf ball: one round leaves no secondary barrier.",
        "Share of pairs of modes, of one class and from one noise, that one round joins below 0.01 nats",
        Rule(0.8, 0.5),
        one_round,
        (
            Trial(
                GOOGLENET_MODES,
                "The paper's class and nine others, each from three noises.",
            ),
            Trial(
                SHAPES_MODES,
                "Ten classes, one noise each; can be computed anew with what ships.",
            ),
        ),
        "manifold",
        drawn=(Drawn("The loss between both modes, before and after (Fig. 7)", loss_curves),),
        numbers=modes_beside,
    ),
    Claim(
        "untrained",
        "Untrained networks connect too",
        "Optimal inputs of a network at random initialisation are joined by four segments on which the "
        "loss is below 0.0005 nats everywhere.",
        "Sec. 4.4, Fig. 8",
        "Shown by example: two rounds, four segments, below 0.0005 nats.",
        "Share of the pairs that two rounds join below 0.0005 nats; those that do not converge count too",
        Rule(0.8, 0.5),
        two_rounds,
        (
            Trial((SEVERAL,), "The paper's network: three initialisations, ten classes each."),
            Trial((SMALL_UNTRAINED,), "A small network: three initialisations, ten classes each."),
        ),
        "untrained",
        drawn=(
            Drawn(
                "The loss between two inputs after each round (Fig. 8)",
                partial(loss_curves, logarithmic=True),
            ),
        ),
        numbers=inputs_beside,
    ),
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
)
