"""One detector of a benchmark judged: fitted in every split, tested on every attack, told as tables."""

from __future__ import annotations

from engine.classifiers import load_classifier
from engine.detectors.base import Detector, under
from engine.detectors.detecting import load_detector
from engine.experiments.base import Context, Findings
from engine.experiments.detection.computing import tables as tell
from engine.experiments.detection.computing.gathering import Gathered
from engine.experiments.detection.computing.judging import ALL, CURVE, Split, fit_on, judge
from engine.experiments.detection.computing.reference_image import reference_maker
from engine.experiments.detection.contestants import CONTESTANTS
from engine.experiments.detection.detection import Judgement
from engine.experiments.detection.protocol import PIXELS
from engine.progress import part
from engine.random import derive

FITTED = "fitted/"
"""Begins the names of the arrays of the fitted detector."""


def compute(spec: Judgement, context: Context) -> Findings:
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
    report = part(context.report, 0.9, 0.91, "Leaving out")
    aspects = tell.aspects_of(detector, gathered, splits, spec.seed, report)
    unlearnt = tell.unlearnt_of(detector, gathered, splits[0], spec.seed, report)
    context.report(0.91, 1, stage="Fitting the detector that is kept")
    kept = gathered.samples(*PIXELS)
    fit_on(detector, kept, splits[0], ALL, derive(spec.seed, "kept"))
    detector.calibrate(*kept.kinds(~splits[0].learning))
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
            "curves": tell.curves_of(judged, protocol(spec, detector)),
            "scores": tell.scores_of(judged["float"], protocol(spec, detector)),
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
            "protocol": protocol(spec, detector),
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


def protocol(spec: Judgement, detector: Detector) -> str:
    """Whether its figures are those of models of their "own" attack or of "all" together."""
    return "all" if detector.pools and len(spec.attacks) > 1 else "own"


def fitted(judgement: Judgement, context: Context) -> Detector:
    """The detector that a benchmark keeps, fitted to all attacks."""
    report = part(context.report, 0, 0, judgement.name)
    found = context.findings_of(judgement, report)
    classifier = load_classifier(judgement.classifier, context.device)
    detector = load_detector(classifier, under(FITTED, found.arrays), found.summary["fitted"])
    detector.make_reference = reference_maker(judgement.classifier, context)
    return detector
