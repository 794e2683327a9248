"""Running a spec: from the store if its record is there, else computed and stored."""

from __future__ import annotations

import platform
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.batches import fitting
from engine.classifiers.given import giving
from engine.errors import RecordError
from engine.experiments.base import Findings, Spec, classified
from engine.progress import SILENT, Reporter, part
from engine.records.record import Record
from engine.records.store import Store
from engine.version import __version__

if TYPE_CHECKING:
    from engine.classifiers.classifier import Classifier


def environment_of(spec: Spec, device: str, seconds: float) -> dict[str, Any]:
    """What `environment.json` holds; `seconds` is the wall time, that of parts done earlier included."""
    values = spec.to_dict()
    environment = {
        "engine": __version__,
        "revision": spec.revision,
        "python": platform.python_version(),
        "torch": _version("torch"),
        "numpy": np.__version__,
        "platform": platform.platform(),
        "device": device,
        "precision": _found("precision", values) or "float32",
        "seconds": round(seconds, 3),
        "created": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "digests": spec.digests(),
    }
    seed = _found("seed", values)
    return environment if seed is None else {**environment, "seed": seed}


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def _found(name: str, values: Mapping[str, Any]) -> Any:
    """The first parameter of this name, here or in nested parameters."""
    nested = (_found(name, value) for value in values.values() if isinstance(value, Mapping))
    return values.get(name, next((value for value in nested if value is not None), None))


Spread = Callable[[Sequence[Spec], Reporter], list[Findings]]
"""Computes experiments wherever there is room, and gives their findings in the same order."""


def run(
    spec: Spec,
    *,
    classifier: Classifier | None = None,
    store: Store | None = None,
    report: Reporter = SILENT,
    device: str | None = None,
    spread: Spread | None = None,
) -> Record:
    """The record of `spec`: found if it is stored and whole, else computed and stored.

    A damaged record is computed again and replaced. Where `report` raises Cancelled, or the
    computation fails, nothing is stored but the parts of a sweep that were done. `spread` computes
    such parts side by side; without it they are computed one by one. A `classifier` takes the place of the
    one that the spec names: the record tells its name, and its key depends on the classifier's digest.
    """
    if classifier is not None:
        device = device or str(classifier.device)
        with giving(classifier):
            spec = classified(spec, classifier.name)
            return run(spec, store=store, report=report, device=device, spread=spread)
    store = store or Store()
    spec.fetch(part(report, 0, 1, "Downloading"))
    found = stored(spec.key(), store)
    if found:
        report(1, 1)
        return found
    store.check_writable()  # before the work, not after it
    began = time.perf_counter()
    context = _Context(store, report, device or "", spread)
    findings = fitting(lambda: spec.compute(context))
    seconds = time.perf_counter() - began + context.earlier
    report(1, 1)
    return store.save(spec, findings, environment_of(spec, _device_used(device), seconds))


def compute(spec: Spec, store: Store | None = None, report: Reporter = SILENT) -> Findings:
    """What `run` would store of `spec`, computed anew and not stored; only what it is made from is."""
    context = _Context(store or Store(), report, "")
    return fitting(lambda: spec.compute(context))


def stored(key: str, store: Store) -> Record | None:
    """The record under `key` if it is there and every byte of it is right."""
    try:
        record = store.find(key)
        if record:
            record.verify()
    except RecordError:
        return None
    return record


@dataclass
class _Context:
    """The world as an experiment sees it. An empty `device` leaves the choice to the classifier."""

    store: Store
    report: Reporter
    device: str
    spread: Spread | None = None
    earlier: float = 0.0
    """Seconds that parts of a sweep took which were there already."""

    def findings_of(self, spec: Spec, report: Reporter) -> Findings:
        return run(
            spec, store=self.store, report=report, device=self.device, spread=self.spread
        ).findings

    def findings_of_all(self, specs: Sequence[Spec], report: Reporter) -> list[Findings]:
        if self.spread:
            return self.spread(specs, report)
        count = len(specs)
        return [
            self._part(spec, part(report, k / count, (k + 1) / count))
            for k, spec in enumerate(specs)
        ]

    def _part(self, spec: Spec, report: Reporter) -> Findings:
        began = time.perf_counter()
        record = run(spec, store=self.store, report=report, device=self.device)
        taken = float(record.environment.get("seconds", 0))
        self.earlier += max(0.0, taken - (time.perf_counter() - began))
        return record.findings

    def uploaded(self, digest: str) -> np.ndarray:
        return self.store.image(digest)


def _device_used(wanted: str | None) -> str:
    """The device that was computed on; an experiment that did without torch used the CPU."""
    if "torch" not in sys.modules:
        return "cpu"
    from engine.devices import choose_device

    device = choose_device(wanted)
    if device.type != "cuda":
        return str(device)
    import torch

    # Results are the same to the bit only on the same model of GPU.
    return f"{device} ({torch.cuda.get_device_name(device)})"
