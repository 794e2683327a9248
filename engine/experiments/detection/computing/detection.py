"""A benchmark of detectors computed: images attacked, detectors judged, all of it told as tables."""

from __future__ import annotations

import numpy as np

from engine.attacks import ATTACKS
from engine.classifiers import cards, load_classifier
from engine.classifiers.classifier import Classifier
from engine.classifiers.given import given
from engine.detectors.base import Detector, under
from engine.detectors.detecting import load_detector
from engine.devices import choose_device
from engine.experiments.base import Columns, Context, Findings, Spec, columns
from engine.experiments.detection.computing import tables as tell
from engine.experiments.detection.computing.gathering import Gathered
from engine.experiments.detection.computing.judging import (
    ALL,
    CURVE,
    Judged,
    Split,
    fit_on,
    judge,
    rate_on,
)
from engine.experiments.detection.computing.parts import reference_maker
from engine.experiments.detection.contestants import CONTESTANTS
from engine.experiments.detection.detection import Detection, Judgement, Reasons
from engine.experiments.detection.paper import set_with
from engine.experiments.detection.parts import AttackedShard
from engine.experiments.detection.protocol import PIXELS
from engine.progress import SILENT, Reporter, part
from engine.random import derive
from engine.warm import WARM

MERGED = ("rates", "intervals", "curves", "scores", "negatives", "aspects", "unlearnt")
"""Tables that every contestant has."""


def detection(spec: Detection, context: Context) -> Findings:
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


FITTED = "fitted/"
"""Begins the names of the arrays of the fitted detector."""


def detector_judgement(spec: Judgement, context: Context) -> Findings:
    """Fit in every split, test on every attack, and keep a detector fitted to all."""
    gathered = Gathered(spec, context)
    detector = gathered.detector
    splits = draw(spec)
    judged = {
        pixels: judge(
            detector,
            gathered.samples(pixels),
            splits,
            spec.seed,
            part(context.report, 0.1 + 0.4 * k, 0.5 + 0.4 * k, "Fitting"),
        )
        for k, pixels in enumerate(PIXELS)
    }
    followed = protocol(detector, judged["float"])
    report = part(context.report, 0.9, 0.91, "Leaving out")
    aspects = tell.aspects_of(detector, gathered, splits, spec.seed, report)
    unlearnt = tell.unlearnt_of(detector, gathered, splits[0], spec.seed, report)
    context.report(0.91, 1, stage="Fitting the detector that is kept")
    kept = gathered.samples(*PIXELS)
    fit_on(detector, kept, splits[0], ALL, derive(spec.seed, "kept"))
    rate_on(detector, kept, splits[0], derive(spec.seed, "kept"))
    arrays, facts = detector.state()
    return Findings(
        arrays={
            "false_alarms": CURVE,
            **{f"{FITTED}{name}": array for name, array in arrays.items()},
            **tell.bands_of(detector, kept),
        },
        tables={
            "rates": tell.rows_of({pixels: found.rates for pixels, found in judged.items()}),
            "intervals": tell.rows_of(
                {p: found.intervals(spec.seed) for p, found in judged.items()}
            ),
            "curves": tell.curves_of(judged, followed),
            "scores": tell.scores_of(judged["float"], followed),
            "negatives": tell.negatives_of(detector, gathered),
            "aspects": aspects,
            "unlearnt": unlearnt,
            "adaptive": tell.adaptive_of(
                detector,
                gathered,
                kept,
                splits[0],
                part(context.report, 0.92, 1, "Adaptive attack"),
            ),
        },
        summary={
            "name": spec.name,
            "title": CONTESTANTS[spec.name].title,
            "protocol": followed,
            "left_out": gathered.left_out,
            "forward_passes": detector.forward_passes,
            "backward_passes": detector.backward_passes,
            "features": gathered.clean.shape[1],
            "milliseconds": tell.milliseconds(detector, gathered),
            "fitted": facts,
        },
    )


def draw(spec: Judgement) -> list[Split]:
    """The random splits."""
    return [
        Split.drawn(spec.images, spec.learning, spec.choosing, derive(spec.seed, f"split/{k}"))
        for k in range(spec.splits)
    ]


def protocol(detector: Detector, judged: Judged) -> str:
    """Whether its figures are those of models of their "own" attack or of "all" together."""
    several = any(trained == "all" for _, trained in judged.scores)
    return "all" if detector.pools and several else "own"


def fitted(judgement: Judgement, context: Context) -> Detector:
    """The detector that a benchmark keeps, fitted to all attacks; kept warm."""

    def load() -> Detector:
        report = part(context.report, 0, 0, judgement.name)
        found = context.findings_of(judgement, report)
        classifier = network(judgement.classifier, context)
        return load_detector(classifier, under(FITTED, found.arrays), found.summary["fitted"])

    if given(judgement.classifier):
        detector = load()
    else:
        key = ("detector", judgement.key(), str(choose_device(context.device)))
        detector = WARM.get(key, load, lambda kept: kept.held)
    detector.make_reference = reference_maker(judgement.classifier, context)
    return detector


def network(name: str, context: Context) -> Classifier:
    """The classifier, kept warm, unless somebody gave it, who may change it."""

    def load() -> Classifier:
        return load_classifier(name, context.device)

    if given(name):
        return load()
    key = (cards.card(name), cards.digest(name), str(choose_device(context.device)))
    return WARM.get(key, load, lambda kept: sum(part.nbytes for part in kept.state_dict().values()))


def findings_kept(spec: Spec, context: Context, report: Reporter = SILENT) -> Findings:
    """The findings of what verdicts ask for again and again, kept warm."""
    return WARM.get(
        ("findings", spec.key()),
        lambda: context.findings_of(spec, report),
        lambda kept: sum(array.nbytes for array in kept.arrays.values()),
    )


DECILES = (0.1, 0.5, 0.9)


def detector_reasons(spec: Reasons, context: Context) -> Findings:
    """Of each group of features: the mean of clean images, and deciles 1, 5 and 9 around it.

    `bands` (2, 3, G) are of clean and of attacked images; (1, 3, G) where no attack succeeded.
    """
    detector = fitted(spec.judgement(), context)
    if not detector.groups:
        return Findings(summary={"groups": []})
    clean, attacked = spec.samples()
    found = context.findings_of(clean, part(context.report, 0, 0.2, "Reasons"))
    features, seen = found.arrays["features"], found.arrays["prediction"]
    samples = [features]
    for k, shard in enumerate(attacked):
        done = 0.2 + 0.8 * k / len(attacked)
        one = context.findings_of(shard, part(context.report, done, 1, "Reasons")).arrays
        count = len(one["prediction"])
        samples.append(one["features"][one["prediction"] != seen[:count]])
    parts = [detector.score_parts(features), detector.score_parts(np.concatenate(samples[1:]))]
    mean = parts[0].mean(0)
    bands = [np.quantile(sample - mean, DECILES, axis=0) for sample in parts if len(sample)]
    return Findings(
        arrays={"mean": mean, "bands": np.stack(bands)},
        summary={
            "groups": list(detector.groups),
            "log_odds": float(detector.log_odds(features).mean()),
            "images": [len(sample) for sample in parts],
        },
    )
