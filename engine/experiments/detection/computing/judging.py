"""Judging detectors: who learns from what, and how well attacked images are told from their clean twins.

Harder et al.'s protocol: 64 % of the images to learn from, 16 % to choose parameters with, 20 % to test,
an image and all that attacks made of it on one side. Numpy only, on features that are there already.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np

from engine.attacks import ATTACKS
from engine.detectors.altering import Altered
from engine.detectors.base import Detector
from engine.detectors.sides import parts_of
from engine.progress import Reporter
from engine.random import derive, generator
from engine.statistics import auc

ALL = "all"
"""Stands for a model that learnt from all attacks together."""

FALSE_ALARMS = (0.01, 0.05)
"""False-positive rates at which detection rates are given."""

RESAMPLES = 200

CURVE = np.concatenate([np.linspace(0, 0.1, 41), np.linspace(0.11, 1, 90)])
"""False-positive rates at which ROC curves are told; denser where they matter."""

Scores = tuple[np.ndarray, np.ndarray]
"""Scores of clean images and of their attacked twins."""


@dataclass(frozen=True)
class Split:
    """Which of N images are learnt from, choose parameters, and test: bool (N,) each."""

    learning: np.ndarray
    choosing: np.ndarray
    testing: np.ndarray

    @classmethod
    def drawn(cls, count: int, learning: float, choosing: float, seed: int) -> Split:
        """A random split in these shares; what is left tests."""
        order = generator(seed, "split").permutation(count)
        place = np.empty(count)
        place[order] = np.arange(count) / count
        return cls(
            place < learning,
            (place >= learning) & (place < learning + choosing),
            place >= learning + choosing,
        )


@dataclass(frozen=True)
class Samples:
    """Features of clean images (N, F) and of each attack's images (N, F), and which of those err (N,).

    `altered` are copies of the clean images that are learnt from as clean, where the detector does, and
    `spoilt` copies of each attack's images that are learnt from as attacks.
    """

    clean: np.ndarray
    attacked: Mapping[str, np.ndarray]
    success: Mapping[str, np.ndarray]
    altered: Altered | None = None
    spoilt: Mapping[str, Altered] = field(default_factory=dict)

    def pairs(self, attack: str, side: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Clean and attacked features of the images of one side that the attack succeeds on.

        For all attacks together: every clean image once, and what each attack made of it.
        """
        if attack != ALL:
            rows = side & self.success[attack]
            return self.clean[rows], self.attacked[attack][rows]
        made = [self.attacked[name][side & self.success[name]] for name in self.attacked]
        return self.clean[side], np.concatenate(made)

    def lesson(
        self, attack: str, side: np.ndarray, without: str = ""
    ) -> tuple[np.ndarray, np.ndarray]:
        """What is learnt from: `pairs`, and altered copies of either, but for one family."""
        clean, attacked = self.pairs(attack, side)
        if self.altered is not None:
            clean = np.concatenate([clean, self.altered.of(side, without)])
        own = [copies for name, copies in self.spoilt.items() if attack in (name, ALL)]
        return clean, np.concatenate([attacked, *(copies.of(side, without) for copies in own)])

    def kinds(self, side: np.ndarray, without: str = "") -> list[np.ndarray]:
        """The clean images of one side, then altered ones, each family but one by itself."""
        altered = [] if self.altered is None else self.altered.apart(side, without)
        return [self.clean[side], *altered]

    def seen_through(self, columns: slice) -> Samples:
        """The same with nothing but some of the features: all others are zero."""

        def only(features: np.ndarray) -> np.ndarray:
            alone = np.zeros_like(features)
            alone[:, columns] = features[:, columns]
            return alone

        altered = self.altered and replace(self.altered, features=only(self.altered.features))
        attacked = {name: only(features) for name, features in self.attacked.items()}
        spoilt = {
            name: replace(copies, features=only(copies.features))
            for name, copies in self.spoilt.items()
        }
        return Samples(only(self.clean), attacked, self.success, altered, spoilt)

    def but(self, attack: str) -> Samples:
        """The same as if an attack, with whatever settings, had never been made."""
        names = [name for name in self.attacked if _root(name) != _root(attack)]
        attacked, success = (
            {name: kept[name] for name in names} for kept in (self.attacked, self.success)
        )
        spoilt = {name: self.spoilt[name] for name in names if name in self.spoilt}
        return replace(self, attacked=attacked, success=success, spoilt=spoilt)


def _root(attack: str) -> str:
    return ATTACKS[attack].variant_of or attack


@dataclass(frozen=True)
class Rates:
    """How well two samples of scores are told apart; shares in [0, 1]."""

    accuracy: float
    auc: float
    detected_1: float
    detected_5: float

    @classmethod
    def of(cls, clean: np.ndarray, attacked: np.ndarray) -> Rates:
        """Accuracy at a score of 0.5, area under the ROC curve, detection at 1 % and 5 % false positives."""
        detected = [detection(clean, attacked, rate) for rate in FALSE_ALARMS]
        return cls(accuracy(clean, attacked), auc(clean, attacked), *detected)


def accuracy(clean: np.ndarray, attacked: np.ndarray) -> float:
    """The share of images on their side of a score of 0.5."""
    right = (clean <= 0.5).sum() + (attacked > 0.5).sum()
    return float(right / (len(clean) + len(attacked)))


def detection(clean: np.ndarray, attacked: np.ndarray, false_alarms: float) -> float:
    """The share of attacked images above the score that `false_alarms` of the clean ones exceed."""
    threshold = np.quantile(clean, 1 - false_alarms, method="higher")
    return float((attacked > threshold).mean())


def roc(clean: np.ndarray, attacked: np.ndarray, false_alarms: np.ndarray) -> np.ndarray:
    """Detection rates (n,) at false-positive rates (n,)."""
    return np.array([detection(clean, attacked, rate) for rate in false_alarms])


def interval(
    scores: Sequence[Scores], seed: int, level: float = 0.95
) -> dict[str, tuple[float, float]]:
    """Bootstrap intervals of the mean rates over several splits, pairs of images drawn anew in each.

    `scores` holds (clean, attacked) of each split, twins in the same place.
    """
    draws = generator(seed, "bootstrap")
    measures = {"accuracy": accuracy, "auc": auc}
    found: dict[str, list[float]] = {name: [] for name in measures}
    for _ in range(RESAMPLES):
        drawn = []
        for clean, attacked in scores:
            rows = draws.integers(len(clean), size=len(clean))
            drawn.append((clean[rows], attacked[rows]))
        for name, measure in measures.items():
            found[name].append(float(np.mean([measure(*pair) for pair in drawn])))
    tails = [(1 - level) / 2, (1 + level) / 2]
    return {
        name: (float(low), float(high))
        for name, (low, high) in ((n, np.quantile(v, tails)) for n, v in found.items())
    }


@dataclass
class Judged:
    """What a detector is worth: a row for each test, and the scores of each split behind it.

    `scores` are by (attack tested on, "own" or "all"): whether the model learnt from that attack alone
    or from all together.
    """

    rates: list[dict[str, Any]] = field(default_factory=list)
    scores: dict[tuple[str, str], list[Scores]] = field(default_factory=lambda: defaultdict(list))

    def intervals(self, seed: int) -> list[dict[str, Any]]:
        """Mean rates over the splits with bootstrap intervals."""
        rows = []
        for (attack, trained), scores in self.scores.items():
            means = [asdict(Rates.of(*pair)) for pair in scores]
            row: dict[str, Any] = {"attack": attack, "trained": trained}
            row["pairs"] = sum(len(clean) for clean, _ in scores)
            row |= {name: float(np.mean([mean[name] for mean in means])) for name in means[0]}
            for name, (low, high) in interval(scores, seed).items():
                row |= {f"{name}_low": low, f"{name}_high": high}
            rows.append(row)
        return rows

    def curve(self, attack: str, trained: str) -> np.ndarray:
        """Detection rates at the false-positive rates of `CURVE`, averaged over the splits."""
        curves = [roc(*scores, CURVE) for scores in self.scores[attack, trained]]
        mean: np.ndarray = np.mean(curves, axis=0)
        return mean


def judge(
    detector: Detector, samples: Samples, splits: Sequence[Split], seed: int, report: Reporter
) -> Judged:
    """Fit the detector to each attack and to all together, in every split, and test all on all."""
    found = Judged()
    attacks = list(samples.attacked)
    trainings = [*attacks, ALL] if len(attacks) > 1 else attacks
    for k, split in enumerate(splits):
        for j, trained in enumerate(trainings):
            report(k * len(trainings) + j, len(splits) * len(trainings))
            fit_on(detector, samples, split, trained, derive(seed, f"fit/{k}"))
            for tested in attacks:
                scores = scores_on(detector, samples, split, trained, tested)
                row = {"attack": tested, "trained": trained, "split": k, "pairs": len(scores[0])}
                found.rates.append(row | asdict(Rates.of(*scores)))
                if trained in {tested, ALL}:
                    found.scores[tested, "all" if trained == ALL else "own"].append(scores)
    return found


def fit_on(
    detector: Detector, samples: Samples, split: Split, trained: str, seed: int, without: str = ""
) -> None:
    """Fit the detector to one attack, or to all together, `without` one family of altered images."""
    learning, choosing = (
        samples.lesson(trained, side, without) for side in (split.learning, split.choosing)
    )
    detector.fit_split(learning, choosing, "" if trained == ALL else trained, seed)


def rate_on(
    detector: Detector, samples: Samples, split: Split, seed: int, without: str = ""
) -> None:
    """Set the false-positive rate of a detector that is fitted to all attacks, by each kind of clean images.

    One that learns from altered images is judged on those that it learnt from too, by models that did not.
    """
    if not detector.learns_altered:
        detector.calibrate(*samples.kinds(~split.learning, without))
        return
    parts = parts_of(split.learning, split.choosing, seed)
    detector.calibrate_across(
        lambda *numbers: samples.lesson(ALL, np.isin(parts, numbers), without),
        lambda number: samples.kinds(parts == number, without),
        seed=seed,
    )


def scores_on(
    detector: Detector, samples: Samples, split: Split, trained: str, tested: str
) -> Scores:
    """Scores of the test images of an attack and of their clean twins."""
    attack = "" if trained == ALL else trained
    clean, attacked = (
        detector.score_features(features, attack)
        for features in samples.pairs(tested, split.testing)
    )
    return clean, attacked
