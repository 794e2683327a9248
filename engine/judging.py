"""Whether images are attacks, asked from Python or a shell, of the detectors of a stored benchmark."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.attacks.settings import AttackSettings
from engine.classifiers.given import giving
from engine.errors import IsthmusError, RecordError
from engine.experiments.detection.detection import Detection
from engine.experiments.detection.results import VerdictResult
from engine.experiments.detection.verdict import MOST, Verdict
from engine.progress import SILENT, Reporter, part
from engine.records import Record, Store, run, stored

if TYPE_CHECKING:
    import pandas as pd

    from engine.classifiers.classifier import Classifier


LEARNT_FROM = ("fgsm", "bim", "pgd", "deepfool", "deepfool-margin")
"""Attacks that `fit_detector` learns from: quick ones of all sorts."""


def detect(
    images: Any,
    classifier: Classifier | str,
    *,
    false_alarms: float = 0.05,
    benchmark: Detection | None = None,
    store: Store | None = None,
    report: Reporter = SILENT,
) -> pd.DataFrame:
    """Whether images are attacks on a classifier: a row an image, as of `VerdictResult.table`.

    `images` are files (a path or several), or pixels (N, C, H, W) in [0, 1], which are judged as a file
    with 8 bits a value keeps them; one image (C, H, W) counts as N = 1. `false_alarms` is the share of
    clean images that may be called attacks. The detectors are those of `benchmark`, which is run where it
    is not stored, or of a stored benchmark of the classifier. Errors: ImageError, ParameterError, and
    RecordError where no detector has been fitted to the classifier.
    """
    store = store or Store()
    name = classifier if isinstance(classifier, str) else classifier.name
    with nullcontext() if isinstance(classifier, str) else giving(classifier):
        of = benchmark or fitted_benchmark(name, store)
        references = [*_references(images, name, store)]
        firsts = range(0, len(references) or 1, MOST)
        found = [
            run(
                Verdict(of, tuple(references[first : first + MOST]), false_alarms),
                store=store,
                report=part(report, k / len(firsts), (k + 1) / len(firsts)),
            ).found(VerdictResult)
            for k, first in enumerate(firsts)
        ]
    import pandas as pd

    return pd.concat([one.table for one in found], ignore_index=True)


def fit_detector(
    classifier: Classifier | str,
    dataset: str,
    *,
    images: int = 200,
    references: int = 2000,
    adaptive_images: int = 0,
    store: Store | None = None,
    report: Reporter = SILENT,
) -> Record:
    """Fit the detector that judges to a classifier, and test it; `detect` finds it from then on.

    It is short paths. Of the image set's test part, `images` correctly classified ones are attacked so that
    they still err as files; at most `references` of its train part serve as references, and images made from
    noise where there are none. `adaptive_images` of those to test with are also attacked by one who knows the
    detector. The record is that of a benchmark (`BenchmarkResult`); its parts are kept, so that it goes on
    where it was stopped. Errors: ParameterError, and DataError where too few images are classified correctly.
    """
    name = classifier if isinstance(classifier, str) else classifier.name
    spec = Detection(
        classifier=name,
        dataset=dataset,
        images=images,
        references=references,
        adaptive_images=adaptive_images,
        attacks=LEARNT_FROM,
        attack=AttackSettings(survive="8-bit"),
        detectors=("short-paths",),
        altered_attacks=True,
    )
    with nullcontext() if isinstance(classifier, str) else giving(classifier):
        return run(spec, store=store or Store(), report=report)


def fitted_benchmark(classifier: str, store: Store) -> Detection:
    """The newest stored benchmark whose detectors are fitted to the classifier as it is."""
    for record in store.records(shipped=True):
        spec = None if record.damage or record.kind != Detection.kind else record.spec
        if isinstance(spec, Detection) and spec.classifier == classifier and _judges(spec, store):
            return spec
    raise RecordError(
        f"No detector has been fitted to {classifier} here. Fit one with its image set first: "
        f"`python -m engine fit-detector {classifier} --dataset SET`."
    )


def _judges(spec: Detection, store: Store) -> bool:
    try:
        return all(stored(one.key(), store) for one in spec.judgements())
    except IsthmusError:  # its weights or images are not here
        return False


def _references(images: Any, classifier: str, store: Store) -> Iterable[str]:
    """References to files, and to pixels that are kept in the store."""
    if isinstance(images, str | Path):
        images = [images]
    if isinstance(images, list | tuple) and all(isinstance(one, str | Path) for one in images):
        return [f"file:{Path(one).absolute()}" for one in images]
    from engine.classifiers import load_classifier
    from engine.images import to_bytes, with_channels
    from engine.pixels import pictures_for

    pixels = pictures_for(load_classifier(classifier), images, "judge")
    pictures = with_channels(to_bytes(pixels.numpy()), 3)
    return [f"upload:{store.put_image(picture)}" for picture in pictures]
