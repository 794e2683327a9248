"""What the paper claims of detecting attacks by connectivity (sec. 4.2.1, Table 1), and what we add."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from engine.claims.claim import Claim, Numbers, Reading, Rule, Trial
from engine.claims.readings import area_of, share_of
from engine.experiments.detection.contestants import decider_of
from engine.experiments.detection.protocol import PUBLISHED
from engine.experiments.detection.results import FLOAT, BenchmarkResult
from engine.gallery import (
    DETECTION,
    RESNET_CW,
    RESNET_DETECTION,
    RESNET_KNOWN,
    VGG_CW,
    VGG_DETECTION,
    WITHOUT_PICTURES,
)
from engine.words import share

OURS = "mode-connectivity"
"""The paper's detector."""

COMPARED = ("lid", "mahalanobis", "input-mfs", "layer-mfs", "layer-pfs")
"""Those that it compares with."""

ADVANCED, SIMPLE = ("deepfool", "cw"), ("fgsm", "bim", "pgd")
"""What the paper calls advanced attacks, and simpler ones."""

RESNET = Trial(
    (RESNET_DETECTION, RESNET_CW),
    "ResNet-20, right on 92 % of CIFAR-10's test part, with pictures that were never JPEGs, of those that it "
    "was trained with; 300 images, C&W in full on 1,000.",
)
UNPICTURED = Trial(
    (WITHOUT_PICTURES, RESNET_DETECTION),
    "ResNet-20, the same images attacked; references made from noise against 2,000 pictures. The rule was "
    "written down after this run.",
)
RESNET_BROKEN = Trial(
    (RESNET_KNOWN,),
    "ResNet-20, 30 test pictures, changes of 0.03, as files keep them. The rule was written down after this "
    "run.",
)
VGG = Trial(
    (VGG_DETECTION, VGG_CW),
    "The paper's architecture, on pictures that have been through JPEG, which helps whatever looks at the "
    "spectrum; 1,000 images, C&W in full on 200.",
)
SHAPES = Trial(
    (DETECTION,), "Can be computed anew with what ships; 200 images, C&W with 100 steps on 40."
)


def margin(results: Sequence[BenchmarkResult], attack: str) -> Reading:
    """How far the paper's detector is ahead of the best of those that it was compared with, in AUC."""
    rows = table(results)
    rows = rows[rows["attack"] == attack]
    mine = rows[rows["detector"] == OURS].iloc[0]
    others = rows[rows["detector"].isin(COMPARED)]
    best = others.loc[others["auc"].idxmax()]
    count = int(mine["images"])
    (low, high), (lower, higher) = (
        area_of(one["auc"], count, one["auc_low"], one["auc_high"]) for one in (mine, best)
    )
    value = float(mine["auc"] - best["auc"])
    return Reading(value, float(low - higher), float(high - lower), count, "images")


def ahead(results: Sequence[BenchmarkResult]) -> Reading:
    """The smaller margin of the two advanced attacks."""
    return min((margin(results, attack) for attack in ADVANCED), key=lambda one: one.value)


def behind(results: Sequence[BenchmarkResult]) -> Reading:
    """The largest margin of the three simpler attacks."""
    return max((margin(results, attack) for attack in SIMPLE), key=lambda one: one.value)


def table(results: Sequence[BenchmarkResult]) -> pd.DataFrame:
    """Rows of Table 1, with ours, the paper's and whether that holds; of an attack the last benchmark's."""
    parts = []
    for result in results:
        rows = result.headline(FLOAT)
        attacked = result.tables["attacks"].drop_duplicates("attack").set_index("attack")["images"]
        parts.append(
            rows.assign(
                images=rows["attack"].map(attacked),
                paper=[result.paper(row["detector"], row["attack"]) for _, row in rows.iterrows()],
                verdict=[result.holds(row) for _, row in rows.iterrows()],
            )
        )
    whole = pd.concat(parts).drop_duplicates(["detector", "attack"], keep="last")
    return whole[whole["attack"].isin(PUBLISHED)]


def met(results: Sequence[BenchmarkResult]) -> Reading:
    """The share of the table's figures that hold here."""
    rows = table(results)
    own = rows[rows["detector"].isin((OURS, *COMPARED))]
    return share_of(int((own["verdict"] == "holds").sum()), len(own), "figures")


def table_beside(results: Sequence[BenchmarkResult]) -> Numbers:
    """Table 1: accuracy / AUC in % of every detector and attack, ours beside the paper's."""
    rows = table(results)
    titles = {name: title for one in results for name, title in one.attacks.items()}
    return [
        {
            "what": f"{row.title}, {titles[row.attack]}: accuracy / AUC in %",
            "paper": row.paper or "–",
            "here": f"{100 * row.accuracy:.1f}/{100 * row.auc:.1f} "
            f"({100 * row.auc_low:.1f} to {100 * row.auc_high:.1f}) {row.verdict}".strip(),
        }
        for row in rows.itertuples()
    ]


def curve_alone(results: Sequence[BenchmarkResult]) -> Reading:
    """What the curve alone loses against curve and logits, the worse of the two advanced attacks, in AUC."""
    found = []
    for attack in ADVANCED:
        result = [one for one in results if attack in one.attacks][-1]
        alone = result.aspects(OURS, FLOAT)
        rows = result.headline(FLOAT)
        whole = rows[(rows["detector"] == OURS) & (rows["attack"] == attack)].iloc[0]
        curve, count = float(alone.loc["curve", attack]), int(whole["pairs"])
        low, high = area_of(curve, count)
        lower, higher = area_of(whole["auc"], count, whole["auc_low"], whole["auc_high"])
        value = float(curve - whole["auc"])
        found.append(
            Reading(value, float(low - higher), float(high - lower), count, "pairs of test images")
        )
    return min(found, key=lambda one: one.value)


def aspects_beside(results: Sequence[BenchmarkResult]) -> Numbers:
    """AUC of each part of the paper's detector alone, by attack."""
    result = results[0]
    alone = result.aspects(OURS, FLOAT)
    return [
        {
            "what": f"{aspect}: AUC in %",
            "paper": "–",
            "here": ", ".join(
                f"{result.attacks[attack]} {100 * row[attack]:.1f}"
                for attack in result.attacks
                if attack in row
            ),
        }
        for aspect, row in alone.iterrows()
    ]


def unseen(results: Sequence[BenchmarkResult]) -> Reading:
    """The AUC of short paths on the attack that they find worst where it was left out of learning."""
    rows = results[0].tables["unlearnt"]
    rows = rows[(rows["detector"] == "short-paths") & (rows["measure"] == "auc")]
    worst = rows.loc[rows["low"].idxmin()]
    count = int(worst["images"])
    low, high = area_of(worst["value"], count, worst["low"], worst["high"])
    return Reading(float(worst["value"]), float(low), float(high), count, "images")


def without_pictures(results: Sequence[BenchmarkResult]) -> Reading:
    """What references made from noise cost the paper's detector, in AUC, on the attack where that is most."""
    made, given = (
        rows[rows["detector"] == OURS].set_index("attack")
        for rows in (result.headline(FLOAT) for result in results)
    )
    lost = made["auc"] - given["auc"]
    worst = str(lost.idxmin())
    count = int(made.loc[worst, "pairs"])
    (low, high), (lower, higher) = (
        area_of(one["auc"], count, one["auc_low"], one["auc_high"])
        for one in (made.loc[worst], given.loc[worst])
    )
    return Reading(
        float(lost[worst]), float(low - higher), float(high - lower), count, "pairs of test images"
    )


def known(results: Sequence[BenchmarkResult]) -> Reading | None:
    """The AUC of the detector that decides against an attack that knows it; None where none fools."""
    rows = results[0].tables["adaptive"].set_index("detector")
    one = rows.loc[decider_of(tuple(rows.index))]
    fooled = round(one["images"] * one["fooled"])
    if not fooled:
        return None
    low, high = area_of(one["adaptive"], fooled)
    return Reading(
        float(one["adaptive"]), max(0.0, float(low)), float(high), fooled, "images that fool"
    )


def known_beside(results: Sequence[BenchmarkResult]) -> Numbers:
    """AUC and share found of every detector, against an attack that knows nothing of it and one that does."""
    result = results[0]
    return [
        {
            "what": f"{result.titles[row.detector]}: AUC in %, and found at a rate of 5 %",
            "paper": "–",
            "here": f"{100 * row.plain:.1f}, {share(row.plain_detected)}; by an attack that knows it "
            f"{100 * row.adaptive:.1f}, {share(row.adaptive_detected)}",
        }
        for row in result.tables["adaptive"].itertuples()
    ]


CLAIMS = (
    Claim(
        "advanced-attacks",
        "Connectivity finds advanced attacks best",
        "The detector by mode connectivity finds DeepFool and C&W better than every detector that it is "
        "compared with.",
        "Sec. 4.2.1, Table 1",
        "AUC on CIFAR-10: 96.9 against 92.2 % (DeepFool), 98.3 against 93.3 % (C&W), so 4.7 points ahead.",
        "AUC less that of the best of the others, the smaller of the two margins",
        Rule(0, 0),
        ahead,
        (RESNET, VGG, SHAPES),
        "detector",
        unit="points",
        number=0.047,
        numbers=table_beside,
    ),
    Claim(
        "simple-attacks",
        "It is behind on simpler attacks",
        "On FGSM, BIM and PGD it is behind the best of the others.",
        "Sec. 4.2.1, Table 1",
        "AUC on CIFAR-10: 76.8 against 100 % (FGSM), 98.6 against 100 % (BIM), 97.4 against 99.9 % (PGD).",
        "AUC less that of the best of the others, the largest of the three margins",
        Rule(0, 0, lower=True),
        behind,
        (RESNET, VGG, SHAPES),
        "detector",
        unit="points",
        number=-0.014,
    ),
    Claim(
        "table-1",
        "The figures of Table 1",
        "What Table 1 says of six detectors and five attacks on CIFAR-10 is met here.",
        "Sec. 4.2.1, Table 1",
        "Accuracy and AUC of six detectors, five attacks, CIFAR-10 and CIFAR-100 (the latter needs a network "
        "that is not at hand).",
        "Share of the AUC figures that lie within 2 points of our interval",
        Rule(0.8, 0.5),
        met,
        (RESNET, VGG),
        "detector",
    ),
    Claim(
        "connectivity-detects",
        "The curve is what detects, the logits are not needed",
        "For DeepFool and C&W the logits can be left out: the loss curve alone does as well.",
        "Sec. 4.2.1",
        "Said, without a number.",
        "AUC by the curve alone less AUC by curve and logits, the worse of both attacks",
        Rule(-0.02, -0.1),
        curve_alone,
        (RESNET, SHAPES),
        "detector",
        unit="points",
        numbers=aspects_beside,
    ),
    Claim(
        "unseen-attacks",
        "Paths carry over to attacks that were never seen",
        "Short paths find an attack although nothing of it, and nothing like it, was learnt from.",
        "Beyond the paper",
        "Not in the paper.",
        "AUC on the attack that is found worst where it was left out of learning",
        Rule(0.9, 0.7),
        unseen,
        (RESNET, SHAPES),
        "detector",
        own=True,
    ),
    Claim(
        "known-detector",
        "Detection withstands an attacker who knows it",
        "An attack that descends the detector's own score as well, at the same size, is still told from "
        "clean pictures.",
        "Beyond the paper",
        "Not in the paper, which tries no such attack.",
        "AUC of the detector that decides, against an attack of 40 steps that knows it",
        Rule(0.9, 0.7),
        known,
        (RESNET_BROKEN, SHAPES),
        "detector",
        own=True,
        numbers=known_beside,
    ),
    Claim(
        "without-pictures",
        "Detection needs no pictures of its own",
        "References made from noise serve the paper's detector as well as clean pictures of each class do.",
        "Beyond the paper",
        "Not in the paper.",
        "AUC with references made from noise less AUC with pictures, on the attack where that loses most",
        Rule(-0.02, -0.1),
        without_pictures,
        (UNPICTURED,),
        "detector",
        unit="points",
        own=True,
    ),
)
