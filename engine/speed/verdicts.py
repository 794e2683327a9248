"""A verdict, warm, with all detectors of a benchmark that is stored."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

from engine.classifiers.classifier import Classifier
from engine.datasets import load_dataset
from engine.errors import RecordError
from engine.experiments.base import Findings
from engine.experiments.detection.contestants import CONTESTANTS
from engine.experiments.detection.verdict import Verdict
from engine.judging import fitted_benchmark
from engine.records import Store
from engine.records.running import compute
from engine.speed.tasks import Task


def verdict_task(classifier: Classifier) -> Iterator[Task]:
    """A verdict on one image, another in every turn; none where no detector is fitted to the network."""
    store = Store()
    try:
        benchmark = fitted_benchmark(classifier.name, store)
    except RecordError:
        return
    size, numbers = len(load_dataset(benchmark.dataset, benchmark.split)), count()

    def judged() -> Findings:
        return compute(Verdict(benchmark, (str(next(numbers) % size),)), store)

    titles = ", ".join(CONTESTANTS[name].method.title for name in benchmark.detectors)
    yield Task("verdict", judged, note=lambda ours, plain: f"one image, warm: {titles}")
