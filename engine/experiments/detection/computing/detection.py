"""A benchmark of detectors computed: images attacked, detectors judged, all of it told as tables."""

from __future__ import annotations

import numpy as np

from engine.attacks import ATTACKS
from engine.experiments.base import Columns, Context, Findings, columns
from engine.experiments.detection.detection import Detection
from engine.experiments.detection.paper import set_with
from engine.experiments.detection.parts import AttackedShard
from engine.progress import part

MERGED = ("rates", "intervals", "curves", "scores", "negatives", "aspects", "unlearnt")
"""Tables that every contestant has."""


def compute(spec: Detection, context: Context) -> Findings:
    """Attack the images, judge every contestant, join what they tell."""
    attacked = spec.attacked()
    made = context.findings_of_all(
        [part for parts in attacked.values() for part in parts],
        part(context.report, 0, 0.5, "Attacking images"),
    )
    judgements = spec.judgements()
    found = [
        context.findings_of(
            judgement,
            part(
                context.report,
                0.5 + 0.5 * k / len(judgements),
                0.5 + 0.5 * (k + 1) / len(judgements),
                judgement.name,
            ),
        )
        for k, judgement in enumerate(judgements)
    ]
    tables = {name: _merge(spec.detectors, [one.tables[name] for one in found]) for name in MERGED}
    return Findings(
        tables={
            **tables,
            "attacks": _attacks(attacked, made),
            "cost": _cost(found),
            **({"adaptive": _fallen(found)} if spec.adaptive_images else {}),
        },
        summary={
            "detectors": {one.summary["name"]: one.summary["title"] for one in found},
            "protocol": {one.summary["name"]: one.summary["protocol"] for one in found},
            "left_out": found[0].summary["left_out"],
            "keys": {one.name: one.key() for one in judgements},
            "auc": _headline(found),
            "paper_set": set_with(spec.labelled()[0].classes),
        },
    )


def _attacks(parts: dict[tuple[str, str], list[AttackedShard]], made: list[Findings]) -> Columns:
    """Each attack in numbers, as it was aimed: how often it succeeds and how far it goes."""
    rows, begin = [], 0
    for (name, pixels), own in parts.items():
        arrays = [one.arrays for one in made[begin : begin + len(own)]]
        begin += len(own)
        success = np.concatenate([array["success"] for array in arrays])
        moved = {
            norm: np.concatenate([array[norm] for array in arrays])[success]
            for norm in ("l2", "linf")
        }
        rows.append(
            {
                "attack": name,
                "pixels": pixels,
                "title": ATTACKS[name].title,
                "images": len(success),
                "successful": int(success.sum()),
                **{n: float(np.median(v)) if len(v) else float("nan") for n, v in moved.items()},
            }
        )
    return columns(rows)


def _merge(names: tuple[str, ...], tables: list[Columns]) -> Columns:
    """The tables of all contestants as one, with a column that names them."""
    sizes = [len(next(iter(table.values()))) for table in tables]
    columns = {
        column: np.concatenate([np.asarray(table[column]) for table in tables])
        for column in tables[0]
    }
    return {"detector": np.repeat(names, sizes), **columns}


def _cost(found: list[Findings]) -> Columns:
    """What one image costs each contestant."""
    columns = ("name", "protocol", "forward_passes", "backward_passes", "features", "milliseconds")
    return {
        ("detector" if column == "name" else column): [one.summary[column] for one in found]
        for column in columns
    }


def _fallen(found: list[Findings]) -> Columns:
    """How well each contestant tells an attack, and one that knows it: AUC, and detection at 5 %."""
    rows = []
    for one in found:
        told = one.tables["adaptive"]
        attacks = zip(*(told[name] for name in ("attack", "auc", "detected")), strict=True)
        row = {"detector": one.summary["name"], "images": told["images"][0]}
        for attack, auc, detected in attacks:
            row |= {attack: auc, f"{attack}_detected": detected}
        rows.append(row | {"fooled": told["fooled"][1]})
    return columns(rows)


def _headline(found: list[Findings]) -> dict[str, dict[str, float]]:
    """The area under the ROC curve by contestant and attack, by the protocol."""
    return {
        one.summary["name"]: {
            attack: auc
            for attack, trained, pixels, auc in zip(
                *(one.tables["intervals"][c] for c in ("attack", "trained", "pixels", "auc")),
                strict=True,
            )
            if trained == one.summary["protocol"] and pixels == "float"
        }
        for one in found
    }
