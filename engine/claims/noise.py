"""What the paper claims of modes made from noise: before training and after it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import pandas as pd

from engine.claims.claim import Claim, Drawn, Numbers, Reading, Rule, Trial
from engine.claims.readings import share_of
from engine.experiments.synthesis.results import ManifoldResult
from engine.experiments.untrained.results import UntrainedResult
from engine.experiments.untrained.untrained import SEVERAL
from engine.gallery import GOOGLENET_MODES, SHAPES_MODES, SMALL_UNTRAINED
from engine.plots.curves import loss_curves
from engine.words import counted, figure


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
)
