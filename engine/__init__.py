"""Isthmus: input-space mode connectivity of image classifiers.

Public names are resolved on first use (PEP 562), so `import engine` stays light: it imports no torch.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from engine.version import __version__

_HOMES = {
    "AttackResult": "engine.attacks.result",
    "AttackSettings": "engine.attacks.settings",
    "Barrier": "engine.curves",
    "Classifier": "engine.classifiers.classifier",
    "ConnectSettings": "engine.finders.settings",
    "Connection": "engine.finders.connection",
    "ImageSet": "engine.datasets",
    "IsthmusError": "engine.errors",
    "LossCurve": "engine.curves",
    "Polyline": "engine.paths",
    "Record": "engine.records",
    "attack": "engine.attacks.attacking",
    "Synthesis": "engine.synthesis.result",
    "SynthesisSettings": "engine.synthesis.settings",
    "connect": "engine.finders.connecting",
    "connect_many": "engine.finders.connecting",
    "detect": "engine.judging",
    "fit_detector": "engine.judging",
    "load_classifier": "engine.classifiers",
    "load_dataset": "engine.datasets",
    "load_detector": "engine.detectors.detecting",
    "loss_curve": "engine.paths",
    "loss_plane": "engine.planes",
    "make_detector": "engine.detectors.detecting",
    "matching": "engine.classifiers",
    "mean_field": "engine.lattice.mean_field",
    "run": "engine.records",
    "visualise": "engine.synthesis.visualising",
    "wrap": "engine.classifiers.wrapping",
}

_CALLED = ("attacks", "claims", "detectors", "experiments", "finders", "progress")
"""Rooms that answer when they are called (see `engine.called`): lists, and a progress bar."""

__all__ = ["__version__", *_HOMES, *_CALLED]  # noqa: PLE0604 - the names are strings, built once

if TYPE_CHECKING:
    from engine.attacks.attacking import attack as attack
    from engine.attacks.result import AttackResult as AttackResult
    from engine.attacks.settings import AttackSettings as AttackSettings
    from engine.classifiers import load_classifier as load_classifier
    from engine.classifiers import matching as matching
    from engine.classifiers.classifier import Classifier as Classifier
    from engine.classifiers.wrapping import wrap as wrap
    from engine.curves import Barrier as Barrier
    from engine.curves import LossCurve as LossCurve
    from engine.datasets import ImageSet as ImageSet
    from engine.datasets import load_dataset as load_dataset
    from engine.detectors.detecting import load_detector as load_detector
    from engine.detectors.detecting import make_detector as make_detector
    from engine.errors import IsthmusError as IsthmusError
    from engine.experiments.detection.detection import Detection as Detection
    from engine.experiments.images.survey import Survey as Survey
    from engine.experiments.pair.real_adversarial import RealAdversarial as RealAdversarial
    from engine.experiments.pair.real_real import RealReal as RealReal
    from engine.experiments.population.pair_statistics import AttackPopulations as AttackPopulations
    from engine.experiments.population.pair_statistics import PairStatistics as PairStatistics
    from engine.experiments.synthesis.modes import Manifold as Manifold
    from engine.experiments.synthesis.modes import Modes as Modes
    from engine.experiments.theory.conjecture import Conjecture as Conjecture
    from engine.experiments.theory.conjecture import Percolation as Percolation
    from engine.experiments.untrained.evolution import Evolution as Evolution
    from engine.experiments.untrained.untrained import Untrained as Untrained
    from engine.finders.connecting import connect as connect
    from engine.finders.connecting import connect_many as connect_many
    from engine.finders.connection import Connection as Connection
    from engine.finders.settings import ConnectSettings as ConnectSettings
    from engine.judging import detect as detect
    from engine.judging import fit_detector as fit_detector
    from engine.lattice.mean_field import mean_field as mean_field
    from engine.paths import Polyline as Polyline
    from engine.paths import loss_curve as loss_curve
    from engine.planes import loss_plane as loss_plane
    from engine.records import Record as Record
    from engine.records import run as run
    from engine.synthesis.result import Synthesis as Synthesis
    from engine.synthesis.settings import SynthesisSettings as SynthesisSettings
    from engine.synthesis.visualising import visualise as visualise


def __getattr__(name: str) -> Any:
    if name in _CALLED:
        return import_module(f"engine.{name}")
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    if name[:1].isupper() and name in (known := _declared()):
        return known[name]
    raise AttributeError(f"module 'engine' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*__all__, *_declared()})


def _declared() -> dict[str, Any]:
    """Experiments, and the settings of attacks and detectors, by the names of their classes."""
    from engine.attacks import ATTACKS
    from engine.detectors import DETECTORS
    from engine.experiments import kinds

    methods = (*ATTACKS.values(), *DETECTORS.values())
    classes = (*kinds().values(), *(method.settings_class for method in methods))
    return {cls.__name__: cls for cls in classes}
