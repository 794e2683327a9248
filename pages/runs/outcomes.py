"""How an experiment ended, in a few words for a row of the table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from statistics import fmean
from typing import Any

from pages.shared.words import duration, figure, nats, share

Summary = Mapping[str, Any]


def outcome(summary: Summary) -> str:
    """What a record's summary says, in a few words; empty where it has nothing of the kind."""
    return next((tell(summary) for mark, tell in OUTCOMES.items() if mark in summary), "")


def _ranking(summary: Summary) -> str:
    accuracy = summary["accuracy"]
    right = "" if accuracy is None else f", {share(accuracy)} correctly classified"
    return f"{summary['count']:,} images{right}"


def _thresholds(summary: Summary) -> str:
    return f"Thresholds within {100 * summary['worst_threshold']:.1f} % of the literature"


def _converged(summary: Summary) -> str:
    return f"{summary['joined']} of {summary['converged']} pairs connected"


def _stages(summary: Summary) -> str:
    first, last = figure(summary["first_height"]), nats(summary["last_height"])
    return f"Mean barrier {first} to {last}"


def _joined(summary: Summary) -> str:
    joined = "" if summary["joined"] is None else f", {share(summary['joined'])} joined"
    return f"{summary['pairs']:,} pairs{joined}"


def _forecast(summary: Summary) -> str:
    found = summary["devices"].values()
    took = {one["name"]: one["real_s"] + sum(one["adversarial_s"].values()) for one in found}
    return ", ".join(f"About {duration(took[name])} a pair on {name}" for name in took)


def _population(summary: Summary) -> str:
    if isinstance(summary["auc_gap"], dict):
        areas = summary["auc_gap"].values()
        return f"{len(areas)} attacks, AUC of the gap {min(areas):.2f} to {max(areas):.2f}"
    real, adversarial = summary["real_gap"]["median"], summary["adversarial_gap"]["median"]
    return f"Median gap {nats(adversarial)}, of real pairs {nats(real)}"


def _benchmark(summary: Summary) -> str:
    titles = summary["detectors"]
    means = {name: fmean(areas.values()) for name, areas in summary["auc"].items() if areas}
    best = max(means, key=lambda name: means[name])
    return f"{len(titles)} detectors, best {titles[best]}: mean AUC {100 * means[best]:.1f} %"


def _verdicts(summary: Summary) -> str:
    attacks, images = summary["attacks"], summary["images"]
    if images == 1:
        return "Attack" if attacks else "No sign of an attack"
    return f"{attacks} of {images:,} images look attacked"


def _status(summary: Summary) -> str:
    return str(summary["status"])


def _path(summary: Summary) -> str:
    peak = nats(summary["height_before"])
    if summary.get("rounds"):
        verdict = "Connected" if summary["connected"] else "Not connected"
        return f"{verdict}: {figure(summary['height_before'])} to {nats(summary['height_after'])}"
    return f"Connected already: {peak}" if summary["connected"] else f"Barrier of {peak}"


OUTCOMES: dict[str, Callable[[Summary], str]] = {
    "accuracy": _ranking,
    "worst_threshold": _thresholds,
    "converged": _converged,
    "first_height": _stages,
    "joined": _joined,
    "devices": _forecast,
    "auc_gap": _population,
    "components_after": _status,
    "detectors": _benchmark,
    "decider": _verdicts,
    "height_before": _path,
}
"""What tells a kind of summary from others -> how it is told; the first that fits counts."""
