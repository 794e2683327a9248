"""The populations of all attacks computed, and told side by side."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.attacks import ATTACKS
from engine.errors import DataError
from engine.experiments.base import Context, Findings, columns
from engine.experiments.population.pair_statistics import AttackPopulations
from engine.experiments.population.results import attacked_of
from engine.progress import part


def compute(spec: AttackPopulations, context: Context) -> Findings:
    """The population of each attack, and a row for each in one table."""
    populations = spec.populations()
    found: dict[str, Findings] = {}
    missing: dict[str, str] = {}
    for k, (method, population) in enumerate(populations.items()):
        start, stop = k / len(populations), (k + 1) / len(populations)
        report = part(context.report, start, stop, ATTACKS[method].title)
        try:
            found[method] = context.findings_of(population, report)
        except DataError as error:
            missing[method] = str(error)
    if not found:
        raise DataError(next(iter(missing.values())))
    rows = [_row(method, findings) for method, findings in found.items()]
    return Findings(
        tables={
            "attacks": columns(rows),
            "pairs": _samples(found),
        },
        summary={
            "keys": {method: populations[method].key() for method in found},
            "missing": missing,
            "auc_gap": {row["attack"]: row["auc"] for row in rows},
        },
    )


def _row(method: str, findings: Findings) -> dict[str, Any]:
    """One attack in numbers: how often it succeeds, how far it goes, what barriers it leaves."""
    counts = findings.summary["counts"]["adversarial"]
    attacked = attacked_of(counts)
    pairs = {name: np.asarray(column) for name, column in findings.tables["pairs"].items()}
    adversarial = pairs["branch"] == "adversarial"
    statistics = findings.tables["statistics"]
    own = _where(statistics, branch="adversarial", measure="gap")
    tests = findings.tables["tests"]
    gap = _where(tests, measure="gap")
    return {
        "attack": method,
        "title": ATTACKS[method].title,
        "drawn": counts["drawn"],
        "attacked": attacked,
        "kept": counts.get("kept", 0),
        "success": 1 - counts.get("failed", 0) / attacked if attacked else float("nan"),
        "l2": float(np.median(pairs["l2"][adversarial])),
        "linf": float(np.median(pairs["linf"][adversarial])),
        "looks": float(np.mean(pairs["looks"][adversarial])),
        **{
            name: statistics[name][own]
            for name in ("mean", "mean_low", "mean_high", "median", "median_low", "median_high")
        },
        **{name: tests[name][gap] for name in ("auc", "auc_low", "auc_high", "mann_whitney_p")},
    }


def _where(table: Any, **values: str) -> int:
    """The first row of a table with these values."""
    fits = np.all([np.asarray(table[name]) == value for name, value in values.items()], axis=0)
    return int(np.flatnonzero(fits)[0])


def _samples(found: dict[str, Findings]) -> dict[str, Any]:
    """Height and gap of every pair: the real ones once, then those of each attack."""
    parts = []
    for k, (method, findings) in enumerate(found.items()):
        pairs = {name: np.asarray(column) for name, column in findings.tables["pairs"].items()}
        for branch, name in (("real", "real"), ("adversarial", method)):
            if branch == "adversarial" or k == 0:
                rows = pairs["branch"] == branch
                parts.append((name, pairs["height"][rows], pairs["gap"][rows]))
    return {
        "group": np.repeat([name for name, _, _ in parts], [len(gap) for _, _, gap in parts]),
        "height": np.concatenate([height for _, height, _ in parts]),
        "gap": np.concatenate([gap for _, _, gap in parts]),
    }
