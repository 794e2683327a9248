"""A population in sentences: what was found, and whether it is what the paper found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from engine.experiments.population.pair_statistics import PAPER
from engine.experiments.population.results import PopulationResult
from pages.shared.words import figure, nats, share

CHANCE = 0.5
NAMED = 20
"""Of more classes that are left out, this many are named."""

STRONG, WEAK = ("deepfool", "cw"), "fgsm"
"""Attacks that the paper's detector sees well, and the one that it sees worst (Table 1)."""

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
    """The finding in a few sentences, whichever way it came out."""
    real, attacked = (found.statistics(branch, "gap") for branch in ("real", "adversarial"))
    test = found.tests("gap")
    words = (
        f"The median gap of {attacked['count']:,} real–adversarial pairs is "
        f"**{nats(attacked['median'])}** (95 % interval {interval(attacked, 'median')}), that of "
        f"{real['count']:,} real–real pairs **{nats(real['median'])}** "
        f"({interval(real, 'median')})."
    )
    chance = (
        f"Of a pair of each kind, drawn at random, the real–adversarial one has the larger gap in "
        f"{share(test['auc'])} of cases ({share(test['auc_low'])} to {share(test['auc_high'])}; "
        "chance is 50 %)."
    )
    verdict = {
        True: "Gaps of real–adversarial pairs tend to be **higher**, as the paper finds.",
        None: "The mechanism of the paper does **not show** here: the interval holds chance, so the two "
        "kinds cannot be told apart. More pairs would narrow it.",
        False: "The mechanism of the paper does **not show** here: gaps of real–adversarial pairs tend "
        "to be lower.",
    }[higher(test)]
    paper = {branch: PAPER[branch, "gap"]["median"] for branch in ("adversarial", "real")}
    return (
        f"{words} {chance} {verdict} The paper has medians of {figure(paper['adversarial'])} and "
        f"{nats(paper['real'])}, for GoogLeNet on ImageNet."
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
    """What the gap alone says of each attack, beside what the paper says of its detector."""
    groups: dict[bool | None, list[str]] = {True: [], None: [], False: []}
    for row in sorted(rows, key=lambda row: -row["auc"]):
        groups[higher(row)].append(f"{row['title']} (AUC {row['auc']:.2f})")
    words = [
        f"By the gap alone, pairs of {_listed(groups[True])} stand out from real–real ones."
        if groups[True]
        else "By the gap alone, the pairs of no attack stand out from real–real ones."
    ]
    if groups[None]:
        words.append(f"Those of {_listed(groups[None])} cannot be told from them.")
    if groups[False]:
        words.append(f"Those of {_listed(groups[False])} have lower gaps than real–real ones.")
    return " ".join([*words, _beside_the_paper({row["attack"]: row for row in rows})])


def _beside_the_paper(rows: Mapping[str, Mapping[str, Any]]) -> str:
    """Whether the attacks come in the order in which the paper's detector sees them."""
    words = "The paper's detector (sec. 4.2.1) is strong on DeepFool and C&W and weak on FGSM;"
    strong = [rows[name] for name in STRONG if name in rows]
    weak = rows.get(WEAK)
    if not weak or not strong:
        return f"{words} not all of them could be measured here."
    names = _listed([row["title"] for row in strong])
    if all(row["auc_low"] > weak["auc_high"] for row in strong):
        return f"{words} the gap alone tells {names} better than {weak['title']} here, too."
    sees = "The detector sees the whole curve and the logits, not the gap alone."
    if any(row["auc"] < weak["auc"] for row in strong):
        return f"{words} the gap alone does **not** put {names} before {weak['title']} here. {sees}"
    return (
        f"{words} here the intervals of {names} and {weak['title']} overlap, so the gap alone does not "
        f"settle that order. {sees}"
    )


def _listed(names: Sequence[str]) -> str:
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"
