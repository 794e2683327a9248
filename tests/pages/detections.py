"""Benchmarks and verdicts made by hand: records without any network, saved as the engine saves its own."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.attacks import ATTACKS as METHODS
from engine.experiments.base import Columns, Findings
from engine.experiments.detection.computing.judging import CURVE
from engine.experiments.detection.contestants import CONTESTANTS
from engine.experiments.detection.detection import Detection
from engine.experiments.detection.verdict import Verdict
from engine.records import Record, Store
from tests.keeping import keep

ATTACKS = ("fgsm", "deepfool")
AREAS = {
    "mode-connectivity": (0.70, 0.97),
    "lid-corrected": (0.90, 0.80),
    "short-paths": (0.95, 0.98),
}
"""Area under the ROC curve of each detector, against each attack, floats; 0.03 less with 8 bits."""

_SPAN = {"low": 0.01, "high": 0.99}

POINTS, CLASSES = 9, tuple(str(digit) for digit in range(10))


def benchmark_spec(**values: Any) -> Detection:
    """Two attacks and three detectors on the digits."""
    return Detection(
        **{
            "classifier": "digits-resnet",
            "dataset": "digits",
            "images": 100,
            "attacks": ATTACKS,
            "detectors": tuple(AREAS),
            **values,
        }
    )


def benchmark_record(
    store: Store, *, adaptive: bool = False, judged: bool = True, **values: Any
) -> Record:
    """A benchmark with given AUCs; `judged` puts its fitted detectors' records beside it."""
    spec = benchmark_spec(**values)
    findings = benchmark_findings(spec, adaptive)
    if judged:
        for judgement in spec.judgements():
            keep(store, judgement, Findings(summary={"name": judgement.name}))
    return keep(store, spec, findings)


def benchmark_findings(spec: Detection, adaptive: bool = False) -> Findings:
    """Rates that follow from the areas, scores whose two samples barely overlap."""
    attacks = spec.attacks
    tables = {
        "attacks": _columns([_attack(name) for name in attacks]),
        "intervals": _columns([row for name in AREAS for row in _intervals(name, attacks)]),
        "rates": _columns([row for name in AREAS for row in _rates(name, attacks)]),
        "curves": _curves(attacks),
        "scores": _scores(attacks),
        "negatives": _columns(
            [
                {"detector": name, "kind": kind, "images": 40, "alarms": 0.05 + 0.1 * k, **_SPAN}
                for k, name in enumerate(AREAS)
                for kind in ("plain", "wrong", "with noise of 0.02", "as JPEG of quality 50")
            ]
        ),
        "aspects": _columns(
            [
                {
                    "detector": "short-paths",
                    "pixels": pixels,
                    "aspect": aspect,
                    "attack": attack,
                    "auc": area,
                }
                for pixels in ("float", "8-bit")
                for attack in attacks
                for aspect, area in (("logits", 0.7), ("look", 0.6), ("paths", 0.9))
            ]
        ),
        "unlearnt": _columns(
            [
                {
                    "detector": "short-paths",
                    "left_out": what,
                    "measure": measure,
                    "images": 40,
                    **value,
                }
                for what, measure, value in (
                    ("fgsm", "auc", {"value": 0.84, **_SPAN}),
                    ("noise", "alarms", {"value": 0.31, **_SPAN}),
                )
            ]
        ),
        "cost": _columns([_cost(k, name) for k, name in enumerate(AREAS)]),
    }
    if adaptive:
        tables["adaptive"] = _columns(
            [
                {"detector": name, "plain": 0.95, "adaptive": 0.5 + 0.1 * k, "images": 60}
                for k, name in enumerate(AREAS)
            ]
        )
    return Findings(
        tables=tables,
        summary={
            "detectors": {name: CONTESTANTS[name].title for name in AREAS},
            "protocol": {name: _protocol(name) for name in AREAS},
            "left_out": {"cw": "C&W succeeded on 3 images, fewer than 25"},
            "keys": {one.name: one.key() for one in spec.judgements()},
            "auc": {name: dict(zip(attacks, areas, strict=False)) for name, areas in AREAS.items()},
        },
    )


def verdict_record(store: Store, rates: list[float], **values: Any) -> Record:
    """Verdicts on pictures of the set with these false-positive rates; other rates, other pictures.

    Of an earlier version, unless it is said why images cannot be judged (`beyond`).
    """
    beyond = values.pop("beyond", None)
    first = round(100 * sum(rates)) % 300
    spec = Verdict(
        benchmark=values.pop("benchmark", benchmark_spec()),
        images=range(first, first + len(rates)),
        **values,
    )
    findings = verdict_findings(spec, np.array(rates))
    if beyond:
        findings.tables["verdicts"] = {**findings.tables["verdicts"], "beyond": beyond}
    return keep(store, spec, findings)


def verdict_findings(spec: Verdict, rates: np.ndarray) -> Findings:
    """Curves on the median of attacked images where the rate is low, on that of clean ones elsewhere."""
    count, attack = len(rates), rates <= spec.false_alarms
    t = np.linspace(0, 1, POINTS)
    clean, attacked = 0.5 * (1 - np.abs(2 * t - 1)), 4 * (1 - np.abs(2 * t - 1))
    bands = np.stack([np.stack([0.5 * m, m, 1.5 * m + 0.1]) for m in (clean, attacked)])
    sorted_logits = np.linspace(9, -9, 10)
    rng = np.random.default_rng(0)
    return Findings(
        arrays={
            "images": rng.random((count, 1, 8, 8)).astype(np.float32),
            "logits": np.tile(sorted_logits[::-1], (count, 1)).astype(np.float32),
            "curves": np.where(attack[:, None], attacked, clean).astype(np.float32),
            "curve_bands": bands.astype(np.float32),
            "logit_bands": np.stack([np.stack([a * sorted_logits] * 3) for a in (1.0, 0.3)]).astype(
                np.float32
            ),
        },
        tables={
            "verdicts": {
                "image": np.arange(count),
                "reference": list(spec.images),
                "prediction": np.full(count, 9),
                "class": ["9"] * count,
                "probability": np.linspace(0.5, 0.999, count),
                "score": 1 - rates,
                "false_alarm": rates,
                "attack": attack,
                "doubts": ["The classifier itself is unsure: it gives its class 50%."]
                + [""] * (count - 1),
            },
            "opinions": _opinions(rates, spec.false_alarms),
            "nearest": {
                "image": np.repeat(np.arange(count), 5),
                "rank": np.tile(np.arange(1, 6), count),
                "index": np.tile([3, 14, 15, 92, 65], count),
                "class": ["9", "9", "9", "4", "9"] * count,
                "distance": np.tile(np.linspace(1, 2, 5), count),
            },
        },
        summary={
            "classes": list(CLASSES),
            "decider": "short-paths",
            "attacks": int(attack.sum()),
            "images": count,
        },
    )


def _protocol(name: str) -> str:
    return "own" if name.startswith("lid") else "all"


def _area(name: str, attack: str, trained: str, pixels: str) -> float:
    area = AREAS[name][ATTACKS.index(attack)]
    fall = 0.03 if pixels == "8-bit" else 0.0
    return area - fall - (0.02 if trained == "own" else 0.0) * (_protocol(name) == "all")


def _intervals(name: str, attacks: tuple[str, ...]) -> list[dict[str, Any]]:
    rows = []
    for pixels in ("float", "8-bit"):
        for attack in attacks:
            for trained in ("own", "all"):
                area = _area(name, attack, trained, pixels)
                rates = {"accuracy": area - 0.05, "auc": area}
                bounds = {f"{n}_{e}": v + s for n, v in rates.items() for e, s in _ENDS.items()}
                detected = {"detected_1": area - 0.5, "detected_5": area - 0.3}
                row = {"detector": name, "pixels": pixels, "attack": attack, "trained": trained}
                row["pairs"] = 40
                rows.append({**row, **rates, **detected, **bounds})
    return rows


_ENDS = {"low": -0.01, "high": 0.01}


def _rates(name: str, attacks: tuple[str, ...]) -> list[dict[str, Any]]:
    return [
        {
            "detector": name,
            "pixels": pixels,
            "attack": tested,
            "trained": trained,
            "split": split,
            "pairs": 20,
            "accuracy": 0.7,
            "auc": _area(name, tested, "all", pixels) - 0.2 * (trained not in (tested, "all")),
            "detected_1": 0.2,
            "detected_5": 0.4,
        }
        for pixels in ("float", "8-bit")
        for trained in (*attacks, "all")
        for tested in attacks
        for split in range(2)
    ]


def _curves(attacks: tuple[str, ...]) -> Columns:
    """Curves y = x^((1 - A) / A), under which the area is A."""
    rows = [
        {"detector": name, "pixels": pixels, "attack": attack, "false_alarms": x, "detected": y}
        for name in AREAS
        for pixels in ("float", "8-bit")
        for attack in attacks
        for area in (_area(name, attack, _protocol(name), pixels),)
        for x, y in zip(CURVE, CURVE ** ((1 - area) / area), strict=True)
    ]
    return _columns(rows)


def _scores(attacks: tuple[str, ...]) -> Columns:
    grid = np.linspace(0, 1, 20)
    rows = [
        {"detector": name, "attack": attack, "attacked": attacked, "score": score}
        for name in AREAS
        for attack in attacks
        for attacked in (False, True)
        for score in (grid**0.5 if attacked else grid**2)
    ]
    return _columns(rows)


def _opinions(rates: np.ndarray, level: float) -> Columns:
    every = np.concatenate([np.minimum(1, rates * (k + 1)) for k in range(len(AREAS))])
    return {
        "image": np.tile(np.arange(len(rates)), len(AREAS)),
        "detector": np.repeat(list(AREAS), len(rates)),
        "title": np.repeat([CONTESTANTS[name].title for name in AREAS], len(rates)),
        "score": 1 - every,
        "false_alarm": every,
        "attack": every <= level,
    }


def _attack(name: str) -> dict[str, Any]:
    size = {"l2": 1.25, "linf": 0.03}
    return {
        "attack": name,
        "title": METHODS[name].title,
        "images": 100,
        "successful": 80,
        **size,
    }


def _cost(k: int, name: str) -> dict[str, Any]:
    return {
        "detector": name,
        "protocol": _protocol(name),
        "forward_passes": (65, 1, 12)[k],
        "backward_passes": 0,
        "features": 75,
        "milliseconds": (20.0, 1.5, 4.0)[k],
    }


def _columns(rows: list[dict[str, Any]]) -> Columns:
    return {name: [row[name] for row in rows] for name in rows[0]}
