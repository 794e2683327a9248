"""Populations computed: parts joined, branches compared, attacks told side by side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from engine.attacks import ATTACKS
from engine.classifiers import cards
from engine.errors import DataError
from engine.experiments.base import Columns, Context, Findings, columns
from engine.experiments.population.drawing import BRANCHES
from engine.experiments.population.pair_statistics import (
    MEASURES,
    AttackPopulations,
    PairStatistics,
)
from engine.experiments.population.results import attacked_of
from engine.experiments.population.shards import PairShard
from engine.progress import part
from engine.random import generator
from engine.statistics import compare, summarise


def pair_statistics(spec: PairStatistics, context: Context) -> Findings:
    """Measure all parts, and tell what they say together."""
    shards = spec.shards()
    found = context.findings_of_all(shards, part(context.report, 0, 0.95, "Measuring pairs"))
    context.report(0.95, 1, stage="Statistics")
    pairs, curves = join(shards, found)
    kept = pairs["outcome"] == "kept"
    table = _name_classes({name: column[kept] for name, column in pairs.items()}, _classes(spec))
    statistics, tests = compare_branches(table, spec.seed)
    return Findings(
        arrays={"t": np.linspace(0, 1, spec.points), "curves": curves},
        tables={"pairs": table, "statistics": statistics, "tests": tests},
        summary=_summary(spec, pairs, statistics, tests),
    )


def _classes(spec: PairStatistics) -> tuple[str, ...]:
    return cards.card(spec.classifier).classes


def _summary(
    spec: PairStatistics, pairs: dict[str, np.ndarray], statistics: Columns, tests: Columns
) -> dict[str, Any]:
    classes = _classes(spec)
    median = dict(zip(_rows(statistics), statistics["median"], strict=True))
    mean = dict(zip(_rows(statistics), statistics["mean"], strict=True))
    gap = list(tests["measure"]).index("gap")
    return {
        "counts": {branch: _outcomes(pairs, branch) for branch in BRANCHES},
        "left_out": {
            branch: [classes[label] for label in spec.draw(branch).left_out] for branch in BRANCHES
        },
        **{
            f"{branch}_{measure}": {
                "mean": mean[branch, measure],
                "median": median[branch, measure],
            }
            for branch in BRANCHES
            for measure in MEASURES
        },
        "auc_gap": tests["auc"][gap],
        "auc_gap_interval": [tests["auc_low"][gap], tests["auc_high"][gap]],
        "gap_p": tests["mann_whitney_p"][gap],
    }


def join(
    shards: Sequence[PairShard], found: Sequence[Findings]
) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """The shards' tables as one, with a column for the branch, and the curves of the pairs kept.

    A shard of which no pair was kept tells nothing of paths: there those columns are NaN.
    """
    tables = [piece.tables["pairs"] for piece in found]
    sizes = [len(table["target"]) for table in tables]
    columns = {
        name: np.concatenate(
            [
                np.asarray(table[name]) if name in table else np.full(size, np.nan)
                for table, size in zip(tables, sizes, strict=True)
            ]
        )
        for name in dict.fromkeys(name for table in tables for name in table)
    }
    columns["branch"] = np.repeat([shard.branch for shard in shards], sizes)
    return columns, np.concatenate([piece.arrays["curves"] for piece in found])


def compare_branches(pairs: Columns, seed: int) -> tuple[Columns, Columns]:
    """Statistics of both branches and the tests between them, as tables.

    `pairs` has columns branch, height and gap. DataError where a branch is empty.
    """
    samples = {
        (branch, measure): np.asarray(pairs[measure])[np.asarray(pairs["branch"]) == branch]
        for branch in BRANCHES
        for measure in MEASURES
    }
    for (branch, _), values in samples.items():
        if not len(values):
            raise DataError(
                f"No {branch} pair could be measured: every one was left out. Choose another attack, "
                "a larger budget for it, or another image set."
            )
    rows: list[dict[str, Any]] = [
        {
            "branch": branch,
            "measure": measure,
            **summarise(values, generator(seed, f"bootstrap/{branch}/{measure}")).row(),
        }
        for (branch, measure), values in samples.items()
    ]
    tests: list[dict[str, Any]] = [
        {
            "measure": measure,
            **compare(samples["real", measure], samples["adversarial", measure]).row(),
        }
        for measure in MEASURES
    ]
    return columns(rows), columns(tests)


def _name_classes(pairs: dict[str, np.ndarray], classes: tuple[str, ...]) -> dict[str, Any]:
    """The table of kept pairs: numbered, classes by their names."""
    names = np.asarray(classes, dtype=object)
    del pairs["outcome"]
    return {
        "pair": np.arange(len(pairs["target"])),
        "branch": pairs.pop("branch"),
        **pairs,
        "class": names[pairs["target"]].astype(str),
        "source_class": names[pairs["source"]].astype(str),
    }


def _rows(statistics: Columns) -> list[tuple[str, str]]:
    return list(zip(statistics["branch"], statistics["measure"], strict=True))


def _outcomes(pairs: dict[str, np.ndarray], branch: str) -> dict[str, int]:
    """How many pairs of a branch came to what end, and how many were drawn."""
    outcomes = pairs["outcome"][pairs["branch"] == branch]
    return {"drawn": len(outcomes), **Counter(map(str, outcomes))}


def attack_populations(spec: AttackPopulations, context: Context) -> Findings:
    """The population of each attack, and a row for each in one table."""
    populations = spec.populations()
    found: dict[str, Findings] = {}
    missing: dict[str, str] = {}
    for k, (method, population) in enumerate(populations.items()):
        start, stop = k / len(populations), (k + 1) / len(populations)
        report = part(context.report, start, stop, ATTACKS[method].title)
        try:
            measured = context.findings_of(population, report)
            # Without curves, which only their own record needs.
            found[method] = replace(measured, arrays={})
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
