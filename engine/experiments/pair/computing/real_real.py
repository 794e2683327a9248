"""A real-real pair computed: named, or looked for among random ones; connected, walked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import torch

from engine.classifiers import load_classifier
from engine.classifiers.labels import class_index, spec_names
from engine.errors import ImageError
from engine.experiments.base import Context, Findings
from engine.experiments.images.results import SurveyResult
from engine.experiments.pair.computing.choosing import choose_pair
from engine.experiments.pair.computing.walk import (
    describe,
    farthest_plane,
    plane_arrays,
    shares,
    walk,
)
from engine.experiments.pair.real_real import BarrierPair, RealReal
from engine.finders.settings import ConnectSettings
from engine.images import to_pixels
from engine.paths import Polyline, loss_curve
from engine.progress import Reporter, part
from engine.random import generator
from engine.refining import passes


def real_real(spec: RealReal, context: Context) -> Findings:
    """Everything that the record of a pair holds; what is without the plane is stored first."""
    if spec.joined is None:
        return joined_pair(spec, context)
    looks = passes(spec.points, spec.tolerance)
    _, followed = shares(spec.connect, looks, spec.plane_resolution)
    found = context.findings_of(spec.joined, part(context.report, 0, followed))
    stage = f"Loss plane\n{found.summary['status']}"
    nodes = torch.from_numpy(found.arrays[f"nodes_{found.summary['rounds']}"])
    plane = farthest_plane(
        load_classifier(spec.classifier, context.device),
        Polyline(nodes),
        found.summary["target"],
        spec.plane_resolution,
        part(context.report, followed, 1, stage),
    )
    drawn = plane_arrays(plane, nodes) if plane else {}
    return Findings({**found.arrays, **drawn}, found.tables, found.summary)


def joined_pair(spec: RealReal, context: Context) -> Findings:
    """The paths of a pair and the loss along them."""
    report = context.report
    classifier = load_classifier(
        spec.classifier, context.device, part(report, 0, 0.05, "Loading the network")
    )
    choosing = part(report, 0.05, 0.1, "Choosing images")
    pair = choose_pair(_named(spec, context, choosing), classifier, context, choosing)
    walked = walk(
        classifier,
        pair.images,
        pair.target,
        spec.connect,
        points=spec.points,
        plane_resolution=0,
        report=part(report, 0.1, 1),
        tolerance=spec.tolerance,
    )
    arrays, tables, summary = describe(walked)
    return Findings(arrays, tables, {**pair.about(classifier.classes), **summary})


def _named(spec: RealReal, context: Context, report: Reporter) -> RealReal:
    """The spec with the two images that are looked for where it names none."""
    if spec.barrier_pair is None:
        return spec
    found = context.findings_of(spec.barrier_pair, report).summary
    return replace(spec, first=found["first"], second=found["second"])


def barrier_pair(spec: BarrierPair, context: Context) -> Findings:
    """The pairs that were tried, and the gap of each."""
    report = part(context.report, 0.6, 1, "Trying pairs")
    survey = spec.survey
    ranked = context.findings_of(survey, part(context.report, 0, 0.5, "Ranking images"))
    seen = SurveyResult(survey, ranked.arrays, {}, ranked.summary)
    label, rows = _candidates(spec, seen)
    classifier = load_classifier(spec.classifier, context.device)
    data = spec.seen_set()
    pairs: list[np.ndarray] = []
    gaps: list[float] = []
    for pair in _drawn(spec, seen.index[rows], label):
        report(len(pairs), spec.pairs)
        images = data.batch(pair)
        if np.array_equal(images[0], images[1]):
            continue
        curve = loss_curve(
            classifier, to_pixels(images), int(seen.prediction[rows[0]]), spec.points
        )
        pairs.append(pair)
        gaps.append(curve.barrier().gap)
        if gaps[-1] >= spec.enough or len(pairs) == spec.pairs:
            break
    if not pairs:
        raise ImageError(
            f"{spec.dataset} has 1 different image that {spec.classifier} sees as {label!r}, and 2 are "
            "needed. Choose another class or another image set."
        )
    best = int(np.argmax(gaps))
    first, second = (str(index) for index in pairs[best])
    return Findings(
        arrays={"pairs": np.array(pairs), "gap": np.array(gaps, np.float32)},
        summary={
            "label": label,
            "first": first,
            "second": second,
            "gap": gaps[best],
            "ranked": int(ranked.summary["count"]),
        },
    )


def _candidates(spec: BarrierPair, seen: SurveyResult) -> tuple[str, np.ndarray]:
    """The class, and the rows of its images that pairs are drawn from."""
    groups = {name: rows for name, rows in seen.by_class.items() if len(rows) > 1}
    label = next(iter(groups), "")
    if spec.label:
        label = spec_names(seen.classes)[class_index(spec.label, seen.classes)]
    if label not in groups:
        raise ImageError(
            f"Of the {len(seen.index):,} images of {spec.dataset} that were ranked, no two are "
            f"correctly classified by {spec.classifier} as {repr(label) if label else 'one class'}. "
            "Choose another class, or another image set."
        )
    rows = groups[label]
    sure = rows[seen.loss[rows] <= ConnectSettings().threshold]
    return label, sure if len(sure) > 1 else rows


def _drawn(spec: BarrierPair, indices: np.ndarray, label: str) -> Iterator[np.ndarray]:
    """Different pairs of these images, (2,) each, at random."""
    draws = generator(spec.seed, f"barrier-pair/{label}")
    met: set[frozenset[int]] = set()
    for _ in range(4 * spec.pairs):
        pair = draws.choice(indices, 2, replace=False)
        if frozenset(pair.tolist()) not in met:
            met.add(frozenset(pair.tolist()))
            yield pair
