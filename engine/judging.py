"""Whether images are attacks, asked from Python or a shell, of the detectors of a stored benchmark."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.classifiers.given import giving
from engine.errors import IsthmusError, RecordError
from engine.experiments.detection.detection import Detection
from engine.experiments.detection.results import VerdictResult
from engine.experiments.detection.verdict import MOST, Verdict
from engine.progress import SILENT, Reporter, part
from engine.records import Store, run, stored

if TYPE_CHECKING:
    import pandas as pd

    from engine.classifiers.classifier import Classifier


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


def fitted_benchmark(classifier: str, store: Store) -> Detection:
    """The newest stored benchmark whose detectors are fitted to the classifier as it is."""
    for record in store.records(shipped=True):
        spec = None if record.damage or record.kind != Detection.kind else record.spec
        if isinstance(spec, Detection) and spec.classifier == classifier and _judges(spec, store):
            return spec
    raise RecordError(
        f"No detector has been fitted to {classifier} here. Run a benchmark with its image set first: "
        f"`python -m engine run detection --classifier {classifier} --dataset SET`."
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
