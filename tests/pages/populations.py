"""Populations made by hand: records without any network, saved as the engine saves its own."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.attacks import ATTACKS
from engine.experiments.base import Columns, Findings
from engine.experiments.population.computing.pair_statistics import compare_branches
from engine.experiments.population.pair_statistics import AttackPopulations, PairStatistics
from engine.records import Record, Store
from tests.keeping import keep

PAIRS, POINTS = 12, 41
CLASSES = ("3", "5", "8")


def population_record(
    store: Store, *, shift: float = 2.0, left_out: tuple[str, ...] = (), **values: Any
) -> Record:
    """A population on the digits whose adversarial gaps lie `shift` nats above the real ones."""
    spec = PairStatistics(
        **{
            "classifier": "digits-resnet",
            "dataset": "digits",
            "pairs": PAIRS,
            "points": POINTS,
            **values,
        }
    )
    return keep(store, spec, population_findings(shift, left_out))


def population_findings(shift: float, left_out: tuple[str, ...] = ()) -> Findings:
    """Triangular barriers whose heights are known: 0.5, 0.6, ... nats, the adversarial ones higher."""
    t = np.linspace(0, 1, POINTS)
    heights = np.r_[0.5 + 0.1 * np.arange(PAIRS), 0.5 + shift + 0.1 * np.arange(PAIRS)]
    curves = (heights[:, None] * (1 - np.abs(2 * t - 1))).astype(np.float32)
    pairs = _pairs(curves)
    statistics, tests = compare_branches(pairs, 0)
    kept = {"drawn": PAIRS + 4, "kept": PAIRS}
    return Findings(
        {"t": t, "curves": curves},
        {"pairs": pairs, "statistics": statistics, "tests": tests},
        {
            "counts": {
                "real": {**kept, "dropped": 4},
                "adversarial": {**kept, "dropped": 1, "failed": 2, "misclassified": 1},
            },
            "left_out": {"real": [], "adversarial": list(left_out)},
            "real_gap": {"mean": 1.0, "median": float(np.median(pairs["gap"][:PAIRS]))},
            "adversarial_gap": {"mean": 2.0, "median": float(np.median(pairs["gap"][PAIRS:]))},
            "auc_gap": tests["auc"][1],
        },
    )


def attacks_record(
    store: Store, keys: dict[str, str], areas: dict[str, float], seed: int = 0
) -> Record:
    """The populations of all attacks with given AUCs, whose intervals reach 0.05 to both sides."""
    rows = [_attack(method, area) for method, area in areas.items()]
    findings = Findings(
        tables={
            "attacks": {name: [row[name] for row in rows] for name in rows[0]},
            "pairs": _samples(list(areas)),
        },
        summary={
            "keys": keys,
            "missing": {"cw": "No adversarial pair could be measured: every one was left out."},
            "auc_gap": dict(areas),
        },
    )
    spec = AttackPopulations(classifier="digits-resnet", dataset="digits", pairs=PAIRS, seed=seed)
    return keep(store, spec, findings)


def _pairs(curves: np.ndarray) -> Columns:
    count = len(curves)
    number = np.arange(count)
    label = number % len(CLASSES)
    attacked = number >= PAIRS
    source = np.where(attacked, (label + 1) % len(CLASSES), label)
    names = np.array(CLASSES)
    return {
        "pair": number,
        "branch": np.where(attacked, "adversarial", "real"),
        "first": number + 10,
        "second": number + 100,
        "target": label,
        "source": source,
        "l2": np.where(attacked, 0.5 + 0.01 * number, 0).astype(np.float32),
        "linf": np.where(attacked, 0.03, 0).astype(np.float32),
        "looks": np.where(attacked, 70, 0),
        "loss_first": np.full(count, 1e-4),
        "loss_second": 2e-4 * 1.3**number,
        "height": curves.max(1).astype(np.float64),
        "gap": (curves.max(1) - np.maximum(curves[:, 0], curves[:, -1])).astype(np.float64),
        "position": curves.argmax(1) / (curves.shape[1] - 1),
        "class": names[label],
        "source_class": names[source],
    }


def _attack(method: str, area: float) -> dict[str, Any]:
    names = ("mean", "mean_low", "mean_high", "median", "median_low", "median_high")
    return {
        "attack": method,
        "title": ATTACKS[method].title,
        "drawn": 16,
        "attacked": 15,
        "kept": PAIRS,
        "success": 0.8,
        "l2": 1.25,
        "linf": 0.03,
        "looks": 10.0,
        **dict.fromkeys(names, 1.5),
        "auc": area,
        "auc_low": area - 0.05,
        "auc_high": area + 0.05,
        "mann_whitney_p": 0.01,
    }


def _samples(methods: list[str]) -> Columns:
    groups = ["real", *methods]
    values = np.tile(np.linspace(0, 3, PAIRS), len(groups))
    return {"group": np.repeat(groups, PAIRS), "height": values, "gap": values}
