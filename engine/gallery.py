"""The shipped records: examples that a new visitor can open at once, made by this program.

`python -m engine gallery` computes them into `assets/records`. Their keys depend on the engine's
version and on the weights, so a test says when they must be made anew.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from engine.experiments.base import Spec
from engine.experiments.conjecture import Conjecture
from engine.experiments.manifold import Manifold
from engine.experiments.modes import Modes
from engine.experiments.percolation import Percolation
from engine.experiments.real_adversarial import RealAdversarial
from engine.experiments.real_real import RealReal
from engine.experiments.survey import Survey
from engine.finders.settings import ConnectSettings
from engine.progress import SILENT, Reporter, part
from engine.records import Store, run
from engine.records.store import SHIPPED

SURVEYS = tuple(
    Survey(classifier, dataset)
    for dataset in ("shapes", "digits")
    for classifier in (f"{dataset}-resnet", f"{dataset}-vgg")
)

EXAMPLES: tuple[Spec, ...] = (
    RealReal(first="257", second="1498"),
    RealReal(first="1223", second="576"),
    RealReal(classifier="shapes-vgg", first="1464", second="1243"),
    RealReal(classifier="shapes-vgg", first="427", second="1819"),
    RealReal(classifier="digits-resnet", dataset="digits", first="184", second="264"),
)

FIRST = RealReal(first="1223", second="576", plane_resolution=0, connect=ConnectSettings(rounds=0))
"""The straight path that a new visitor sees first, so that nobody waits for it."""

ADVERSARIAL: tuple[Spec, ...] = (
    RealAdversarial(first="1223", source="919", second="666", points=400, plane_resolution=31),
    RealAdversarial(
        classifier="shapes-vgg",
        first="1776",
        source="1021",
        second="1528",
        points=400,
        plane_resolution=31,
    ),
)
"""Pairs whose adversarial path takes two rounds; fewer points than usual keep their records small."""

FIRST_ADVERSARIAL = RealAdversarial(
    first="1223",
    source="919",
    second="666",
    plane_resolution=0,
    connect=ConnectSettings(rounds=0),
)
"""The attack and the straight paths that a new visitor sees first."""

THEORY: tuple[Spec, ...] = (Percolation(), Conjecture())
"""What the page on untrained networks opens with."""

SYNTHETIC: tuple[Spec, ...] = (Manifold(label="square"), Modes(label="square"))
"""Two modes with a barrier of several nats between them, and six modes of the same class."""

GALLERY: tuple[Spec, ...] = (
    *SURVEYS,
    FIRST,
    *EXAMPLES,
    FIRST_ADVERSARIAL,
    *ADVERSARIAL,
    *SYNTHETIC,
    *THEORY,
)


def make_gallery(folder: Path = SHIPPED, report: Reporter = SILENT) -> list[Path]:
    """Compute every shipped record into `folder`, in place of what it held; returns their folders."""
    with tempfile.TemporaryDirectory() as scratch:
        store = Store(Path(scratch), shipped=None)
        records = [
            run(spec, store=store, report=part(report, k / len(GALLERY), (k + 1) / len(GALLERY)))
            for k, spec in enumerate(GALLERY)
        ]
        shutil.rmtree(folder, ignore_errors=True)
        return [
            Path(shutil.copytree(record.path, folder / record.kind / record.key))
            for record in records
        ]
