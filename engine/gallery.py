"""The shipped records: examples that a new visitor can open at once, made by this program.

`python -m engine gallery` computes them into `assets/records`. Their keys depend on the engine's
version and on the weights, so a test says when they must be made anew.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from engine.attacks.minimal import CarliniWagnerMarginSettings, CarliniWagnerSettings
from engine.attacks.settings import AttackSettings
from engine.classifiers.listings import LISTINGS
from engine.errors import IsthmusError
from engine.experiments.base import Spec
from engine.experiments.detection.detection import Detection
from engine.experiments.detection.protocol import PUBLISHED
from engine.experiments.detection.verdict import Verdict
from engine.experiments.images.survey import Survey
from engine.experiments.pair.real_adversarial import RealAdversarial
from engine.experiments.pair.real_real import BarrierPair, RealReal
from engine.experiments.population.pair_statistics import AttackPopulations, PairStatistics
from engine.experiments.synthesis.modes import Manifold, Modes
from engine.experiments.theory.conjecture import Conjecture, Percolation
from engine.experiments.untrained.evolution import SHORT, Evolution
from engine.experiments.untrained.untrained import SEVERAL, Untrained
from engine.finders.settings import ConnectSettings
from engine.progress import SILENT, Reporter, part
from engine.records import Record, Store, run
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

FIRST_PAIR = BarrierPair(label="disc")
FIRST = RealReal(first="900", second="1762", plane_resolution=0, connect=ConnectSettings(rounds=0))
"""The pair and the straight path that a new visitor sees first, so that nobody waits for them."""

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

THEORY: tuple[Spec, ...] = (Untrained(), SEVERAL, SHORT, Percolation(), Conjecture())
"""What the page on untrained networks opens with."""

SYNTHETIC: tuple[Spec, ...] = (Manifold(label="disc"), Modes(label="disc"))
"""Two modes with a barrier of several nats between them, and six that fall apart into four groups."""

POPULATIONS: tuple[Spec, ...] = (PairStatistics(pairs=100), AttackPopulations(pairs=100))
"""The population that a new visitor sees first, and the same for every attack."""

DETECTION = Detection(
    images=200,
    cw_images=40,
    adaptive_images=40,
    splits=2,
    attacks=(*PUBLISHED, "deepfool-margin", "cw-margin"),
    attack=AttackSettings(
        survive="8-bit",
        cw=CarliniWagnerSettings(steps=100),
        cw_margin=CarliniWagnerMarginSettings(steps=100),
    ),
)
"""The benchmark whose detectors judge what a new visitor uploads; C&W with a tenth of its steps."""

VERDICT = Verdict(DETECTION, ("1401", "pgd:1401"))
"""A star, and the same after an attack: what a new visitor sees of the detector."""

MOBILENET = "file:mobilenet-imagenet.pt2"
GOOGLENET = "file:bvlc-googlenet.pt2"
RESNET20 = "file:resnet20-cifar10.pt2"
IMAGENET = "imagenet-val1300"
"""Files in the folder that ISTHMUS_DATA names; what a record holds of them are their digests."""


COARSE = ConnectSettings(search_points=16, verify_points=50)
"""For large pictures: half as many points on every segment as usual."""


def joined_pairs(
    classifier: str,
    dataset: str,
    pairs: int,
    connect: ConnectSettings | None = None,
    points: int = 100,
) -> PairStatistics:
    """Correctly classified pairs of both kinds, joined."""
    return PairStatistics(
        classifier=classifier,
        dataset=dataset,
        pairs=pairs,
        images="correct",
        points=points,
        connect=connect or ConnectSettings(),
    )


GOOGLENET_PAIRS = joined_pairs(GOOGLENET, IMAGENET, 30, COARSE, 50)
"""The paper's network and pictures, as many as a core joins in three quarters of an hour."""

MOBILENET_PAIRS = joined_pairs(MOBILENET, IMAGENET, 30, COARSE, 50)


def unlike_modes(classifier: str, labels: Sequence[str], seeds: int = 1) -> tuple[Manifold, ...]:
    """Fig. 7 for several classes, from several noises each, in numbers and curves."""
    return tuple(
        Manifold(
            classifier=classifier,
            label=label,
            seed=seed,
            points=200,
            plane_resolution=0,
            keep_pictures=False,
        )
        for label in labels
        for seed in range(seeds)
    )


ALL_PICTURES = PairStatistics(classifier=GOOGLENET, dataset=IMAGENET, pairs=500, points=50)
"""Fig. 6 on the paper's network: all pictures, as there."""

GOLF_BALL = RealAdversarial(
    classifier=GOOGLENET,
    dataset="imagenette",
    first="0",
    source="17",
    second="50",
    points=200,
    plane_resolution=0,
    keep_pictures=False,
)
"""The paper's example: a golf ball, another one, and a French horn attacked until it is seen as one."""

IMAGENETTE = LISTINGS["googlenet-imagenette"].classes
GOOGLENET_MODES = unlike_modes(GOOGLENET, sorted(IMAGENETTE, key="golf ball".__ne__), seeds=3)
"""The paper's example of Fig. 7, and the nine other classes of Imagenette."""

SETTLED = replace(SHORT, statistics="estimated")
SMALL_UNTRAINED = Untrained(network="shapes-resnet", networks=3, classes=10)
TRAINING_OF_RESNET18 = Evolution(
    classifier="resnet18-cifar10",
    batches=0,
    epochs=6,
    stride=1,
    pairs=1,
    steps=250,
    images=640,
    statistics="estimated",
)
"""The first 30 batches: an epoch of 640 images is five of them."""

RESNET18_IN_FULL = replace(TRAINING_OF_RESNET18, batches=30, epochs=30, images=0, stride=3)
"""30 epochs of all training images, on a GPU."""

RESNET18_JOINED = joined_pairs("resnet18-cifar10", "cifar10", 100)
"""Fig. 13 with the network of 30 epochs."""

WHILE_LEARNING = (
    *(joined_pairs(f"file:resnet18-cifar10-epoch{k}.pt2", "cifar10", 100) for k in (3, 9, 18)),
    RESNET18_JOINED,
)
"""The same network after 3, 9 and 18 of these epochs, and after all."""

SHAPES_JOINED = joined_pairs("shapes-resnet", "shapes", 100)
ROBUST_JOINED = joined_pairs("shapes-resnet-robust", "shapes", 100)
SHAPES_IN_FULL = joined_pairs("shapes-resnet", "shapes", 40, ConnectSettings(stop="iterations"))
SHAPES_MODES = unlike_modes("shapes-resnet", LISTINGS["shapes-resnet"].classes)
"""Claims of the paper on what ships."""

GALLERY: tuple[Spec, ...] = (
    *SURVEYS,
    FIRST_PAIR,
    FIRST,
    *EXAMPLES,
    FIRST_ADVERSARIAL,
    *ADVERSARIAL,
    *POPULATIONS,
    DETECTION,
    *DETECTION.judgements(),
    DETECTION.known(),
    VERDICT.reasons(),
    VERDICT,
    *SYNTHETIC,
    *THEORY,
    SHAPES_JOINED,
    SHAPES_IN_FULL,
    *SHAPES_MODES,
    SETTLED,
    SMALL_UNTRAINED,
)

VGG_DETECTION = Detection(
    classifier="vgg16-cifar10",
    dataset="cifar10",
    images=1000,
    cw_images=200,
    rounded_images=300,
    adaptive_images=0,
    attack=AttackSettings(cw=CarliniWagnerSettings(steps=100)),
)
"""The paper's Table 1 with the network and images at hand; C&W with a tenth of its steps."""

VGG_CW = replace(
    VGG_DETECTION,
    attacks=("cw",),
    attack=AttackSettings(),
    images=200,
    cw_images=0,
    rounded_images=0,
)
"""The same for C&W alone, in full."""

RESNET_DETECTION = Detection(
    classifier=RESNET20,
    dataset="parquet:cifar10-lossless-train.parquet#2000",
    images=300,
    cw_images=100,
    other_images=150,
    adaptive_images=0,
    altered_attacks=True,
    attacks=("fgsm", "bim", "pgd", "deepfool", "deepfool-margin", "cw"),
    attack=AttackSettings(survive="8-bit", cw=CarliniWagnerSettings(steps=100)),
)
"""Table 1 with a better network and pictures that were never JPEGs; C&W with a tenth of its steps."""

RESNET_CW = replace(
    RESNET_DETECTION, attacks=("cw",), attack=AttackSettings(), images=1000, cw_images=0
)
"""The same for C&W alone, in full, on 1,000 images."""

RESNET_KNOWN = replace(
    RESNET_DETECTION,
    attacks=("pgd",),
    attack=AttackSettings(survive="8-bit"),
    cw_images=0,
    adaptive_images=30,
    splits=1,
    detectors=("mode-connectivity", "short-paths", "ensemble"),
)
"""An attack that knows the detector, on the same network and pictures."""

WITHOUT_PICTURES = replace(
    RESNET_DETECTION,
    references=0,
    detectors=("mode-connectivity", "short-paths", "ensemble"),
)
"""The same where detectors know no picture: what they measure from is made from noise."""

MEASURED: tuple[Spec, ...] = (
    PairStatistics(classifier=MOBILENET, dataset="imagenette", pairs=100),
    PairStatistics(classifier="vgg16-cifar10", dataset="cifar10", pairs=200),
    PairStatistics(classifier="googlenet-imagenette", dataset="imagenette", pairs=200),
    RealAdversarial(
        classifier=MOBILENET,
        dataset="imagenette",
        first="file:golf-ball.png",
        source="file:revolver.png",
        second="294",
        keep_pictures=False,
    ),
    VGG_DETECTION,
    VGG_CW,
    RESNET_DETECTION,
    RESNET_CW,
    RESNET_KNOWN,
    WITHOUT_PICTURES,
    joined_pairs(RESNET20, "cifar10", 100),
    GOOGLENET_PAIRS,
    MOBILENET_PAIRS,
    *GOOGLENET_MODES,
    GOLF_BALL,
    ALL_PICTURES,
    TRAINING_OF_RESNET18,
    RESNET18_IN_FULL,
    *WHILE_LEARNING,
    ROBUST_JOINED,
)
"""Made with weights and images that do not ship: numbers and curves, no pictures. Where those are not at
hand, these records stay as they are."""


def make_gallery(folder: Path = SHIPPED, report: Reporter = SILENT) -> list[Path]:
    """Compute every shipped record into `folder`, in place of what it held; returns their folders."""
    with tempfile.TemporaryDirectory() as scratch:
        store = Store(Path(scratch), shipped=None)
        specs = [*GALLERY, *(spec for spec in MEASURED if _at_hand(spec))]
        made = [
            run(spec, store=store, report=part(report, k / len(specs), (k + 1) / len(specs)))
            for k, spec in enumerate(specs)
        ]
        kept = [record for record in measured(folder) if record.spec not in specs]
        for record in kept:
            shutil.copytree(record.path, store.root / record.kind / record.key)
        names = [(record.kind, record.key) for record in (*made, *kept)]
        shutil.rmtree(folder, ignore_errors=True)
        return [
            Path(shutil.copytree(store.root / kind / key, folder / kind / key))
            for kind, key in names
        ]


def measured(folder: Path = SHIPPED) -> list[Record]:
    """The records in `folder` that are of MEASURED, whatever their weights and images were."""
    found = (Record(path, shipped=True) for path in sorted(folder.glob("*/*")))
    return [record for record in found if not record.damage and record.spec in MEASURED]


def _at_hand(spec: Spec) -> bool:
    """Whether the weights and images of a spec are on this machine."""
    try:
        return bool(spec.key())
    except IsthmusError:
        return False
