"""A population in sentences: what was found, and whether it is what the paper found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from engine.experiments.population.drawing import BRANCHES
from engine.experiments.population.pair_statistics import PAPER
from engine.experiments.population.results import PopulationResult
from pages.shared.words import figure, listed, nats, share

CHANCE = 0.5
NAMED = 20
"""Of more classes that are left out, this many are named."""

OUTCOMES = {
    "drawn": "Drawn",
    "kept": "Kept and measured",
    "dropped": "Dropped by the filter (ends differ too much in loss)",
    "misclassified": "Left out (seen as another class)",
    "failed": "Left out (the attack did not succeed)",
    "duplicate": "Left out (a picture and its copy)",
    "damaged": "Left out (a picture cannot be read)",
}


def higher(test: Mapping[str, Any]) -> bool | None:
    """Whether the adversarial branch lies higher; None where the interval of the AUC holds chance."""
    if test["auc_low"] > CHANCE:
        return True
    return False if test["auc_high"] < CHANCE else None


def finding(found: PopulationResult) -> str:
    """The finding in two sentences, whichever way it came out."""
    real, attacked = (found.statistics(branch, "gap")["median"] for branch in BRANCHES)
    verdict = {
        True: "Gaps of real–adversarial pairs tend to be **higher**, as the paper finds.",
        None: "The mechanism of the paper does **not show** here: the interval holds chance. More pairs "
        "would narrow it.",
        False: "The mechanism of the paper does **not show** here: gaps of real–adversarial pairs tend "
        "to be lower.",
    }[higher(found.tests("gap"))]
    return (
        f"{verdict} Their median is **{nats(attacked)}**, that of real–real pairs **{nats(real)}**."
        if higher(found.tests("gap"))
        else f"{verdict} The median of real–adversarial pairs is **{nats(attacked)}**, that of real–real "
        f"pairs **{nats(real)}**."
    )


def in_numbers(found: PopulationResult) -> str:
    """How sure that is, and the paper's numbers."""
    real, attacked = (found.statistics(branch, "gap") for branch in BRANCHES)
    test = found.tests("gap")
    paper = [PAPER[branch, "gap"]["median"] for branch in reversed(BRANCHES)]
    return (
        f"Of one pair each, the real–adversarial one has the larger gap in {share(test['auc'])} of cases "
        f"({share(test['auc_low'])} to {share(test['auc_high'])}; chance is 50 %). The medians' 95 % "
        f"intervals are {interval(attacked, 'median')} and {interval(real, 'median')} nats. The paper has "
        f"medians of {figure(paper[0])} and {nats(paper[1])}, for GoogLeNet on ImageNet."
    )


def interval(row: Mapping[str, Any], name: str) -> str:
    """The interval of a statistic: "0.42 to 0.84"."""
    return f"{figure(row[f'{name}_low'])} to {figure(row[f'{name}_high'])}"


def p_words(value: float) -> str:
    """A p-value: "0.0089", "3.1×10⁻⁶"."""
    return figure(value) if value > 0 else "below 10⁻³⁰⁰"


def pair_words(row: Mapping[str, Any]) -> str:
    """The barrier of one pair, and what the attack changed in it."""
    words = f"Height {nats(row['height'])}, gap {nats(row['gap'])}, barrier at t = {row['position']:.3f}."
    if row["branch"] == "adversarial":
        words += (
            f" The attack changed the source by {figure(row['l2'])} (L2) and by no more than "
            f"{figure(255 * row['linf'])} of 255 levels in any value (L∞), in {int(row['looks']):,} "
            "gradients."
        )
    return words


def left_out_words(names: Sequence[str], branch: str) -> str:
    """Which classes have too few images for a pair."""
    listed = ", ".join(names[:NAMED])
    if len(names) > NAMED:
        listed += f" and {len(names) - NAMED} more"
    classes = "1 class has" if len(names) == 1 else f"{len(names)} classes have"
    return f"{classes} too few images for a {branch} pair and take no part: {listed}."


def attacks_finding(rows: Sequence[Mapping[str, Any]]) -> str:
    """What the gap alone says of each attack."""
    groups: dict[bool | None, list[str]] = {True: [], None: [], False: []}
    for row in sorted(rows, key=lambda row: -row["auc"]):
        groups[higher(row)].append(f"{row['title']} (AUC {share(row['auc'])})")
    words = [
        f"By the gap alone, pairs of {listed(groups[True])} stand out from real–real ones."
        if groups[True]
        else "By the gap alone, the pairs of no attack stand out from real–real ones."
    ]
    if groups[None]:
        words.append(f"Those of {listed(groups[None])} cannot be told from them.")
    if groups[False]:
        words.append(f"Those of {listed(groups[False])} have lower gaps than real–real ones.")
    words.append(
        "The paper's detector, which sees the whole curve and the logits, is strong on DeepFool and C&W and "
        "weak on FGSM (sec. 4.2.1)."
    )
    return " ".join(words)
