"""Verdicts in words, made from their numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from engine.experiments.detection.results import ATTACK, CANNOT_JUDGE, NO_SIGN
from engine.words import capitalised
from pages.shared.words import counted, plain, share

NEAR = 2.0
"""A false-positive rate within this factor of the limit is called close."""

HIDDEN = "An attack that knows the detector may leave none."
"""What is said with every verdict that there is no sign."""


def rate_words(rate: float) -> str:
    """A false-positive rate as a count of clean images: "about 1 of 160 clean images looks"."""
    if rate >= 0.995:
        return "all clean images look"
    if rate >= 0.1:
        return f"about {round(100 * rate)} of 100 clean images look"
    return f"about 1 of {round(1 / rate):,} clean images looks"


def verdict_words(row: dict[str, Any], limit: float) -> str:
    """The verdict on one image with its false-positive rate, and whether it is a close call."""
    rate = float(row["false_alarm"])
    clean = capitalised(rate_words(rate))
    if row["verdict"] == CANNOT_JUDGE:
        return (
            f"**{CANNOT_JUDGE}.** {row['beyond']} {clean} as suspicious, which says nothing here."
        )
    words = f"**{row['verdict']}.** {clean} as suspicious or more"
    words += f"; up to {share(limit)} may be called attacks by mistake."
    if limit / NEAR <= rate <= limit * NEAR:
        words += " That is a close call."
    return f"{words} {HIDDEN}" if row["verdict"] == NO_SIGN else words


def batch_words(verdicts: pd.DataFrame, limit: float) -> str:
    """How many of several images look attacked, beside how many clean ones would."""
    count, attacks = len(verdicts), int((verdicts["verdict"] == ATTACK).sum())
    words = "looks" if attacks == 1 else "look"
    found = (
        f"**{attacks} of {count:,} images** {words} attacked."
        if attacks
        else (f"**No sign of an attack** on any of {count:,} images.")
    )
    if unjudged := int((verdicts["verdict"] == CANNOT_JUDGE).sum()):
        found += f" {unjudged} cannot be judged."
    expected = limit * count
    amount = "fewer than one" if expected < 1 else f"about {round(expected)}"
    words = f"{found} Of as many clean images {amount} would be called attacks by mistake."
    return words if attacks else f"{words} {HIDDEN}"


def seen_words(row: dict[str, Any]) -> str:
    """What the classifier sees."""
    return f"Seen as **{plain(row['class'])}**, {share(row['probability'])} sure"


def curve_words(curve: np.ndarray, bands: np.ndarray) -> str:
    """On which side the loss curve lies, told from its distance to both medians."""
    clean, attacked = np.abs(curve - bands[0, 1]).mean(), np.abs(curve - bands[1, 1]).mean()
    inside = float(((curve >= bands[0, 0]) & (curve <= bands[0, 2])).mean())
    nearer = "clean" if clean <= attacked else "attacked"
    return (
        "Loss with respect to the predicted class on the straight way to a reference image of that "
        "class. Bands: deciles 1 to 9 of the benchmark's images, lines inside: medians. This curve is "
        f"on average nearer to the median of **{nearer}** images; {share(inside)} of it lies within the "
        "band of clean ones."
    )


def flat_words(curve: np.ndarray, bands: np.ndarray) -> str:
    """Why the paper's detector sees no sign of an attack that others see; empty where that is not why."""
    if curve.max() > bands[0, 2].max():
        return ""
    return "; the paper's does not, because this attack leaves the straight path as flat as a clean image's"


def logits_words(logits: np.ndarray, bands: np.ndarray) -> str:
    """How far the first logit is ahead of the second, beside what is usual."""
    first, second = np.sort(logits)[::-1][:2]
    usual = [float(band[1, 0] - band[1, 1]) for band in bands]
    return (
        f"The first is {first - second:.1f} ahead of the second; between the medians of clean images "
        f"that is {usual[0]:.1f}, of attacked ones {usual[1]:.1f}."
    )


def nearest_words(row: dict[str, Any], nearest: pd.DataFrame) -> str:
    """Whether the nearest known images are of the predicted class."""
    same = int((nearest["class"] == row["class"]).sum())
    return (
        f"The clean training images whose logits are nearest: {same} of {len(nearest)} show "
        f"{plain(row['class'])}, which is what this image is seen as."
    )


def opinion_words(opinions: pd.DataFrame, decider: str, paper: str = "") -> str:
    """How many detectors agree, what the paper's says where that is worth a word, and whose word counts."""
    says = int(opinions["attack"].sum())
    return (
        f"{says} of {counted(len(opinions), 'detectors')} "
        f"{'says' if says == 1 else 'say'} attack{paper}. The verdict is that of **{decider}**. Left of the "
        "dashed line, fewer clean images score as high than may be called attacks."
    )
