"""Golden runs: one small experiment of every kind, and the numbers that it gave when it was last revised.

`python -m tests.experiments.golden` writes `golden.json` anew. Do so only after the `revision` of every
kind whose numbers moved has been raised: stored records of the former revision say that they are such.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from engine.attacks.adam import AdamSettings
from engine.attacks.gradient_sign import BimSettings, FgsmSettings, PgdSettings
from engine.attacks.minimal import CarliniWagnerSettings, DeepFoolSettings
from engine.attacks.settings import AttackSettings
from engine.detectors.connectivity import ModeConnectivitySettings
from engine.detectors.settings import DetectorSettings
from engine.experiments.base import Findings, Spec
from engine.experiments.detection.detection import Detection
from engine.experiments.detection.parts import DetectorSpec, ReferenceImage, Study
from engine.experiments.detection.verdict import Verdict
from engine.experiments.images.survey import Survey
from engine.experiments.pair.real_adversarial import RealAdversarial
from engine.experiments.pair.real_real import BarrierPair, RealReal
from engine.experiments.population.pair_statistics import AttackPopulations, PairStatistics
from engine.experiments.population.shards import Forecast
from engine.experiments.synthesis.modes import Manifold, Modes
from engine.experiments.theory.conjecture import Conjecture, Percolation
from engine.experiments.untrained.evolution import Evolution
from engine.experiments.untrained.untrained import Untrained
from engine.finders.settings import ConnectSettings
from engine.parameters import fields_of
from engine.records import Store, run
from engine.synthesis.settings import NATURAL, PATTERN

FILE = Path(__file__).with_name("golden.json")
DIGITS = {"classifier": "digits-resnet", "dataset": "digits"}
TIMED = ("second", "devices", "time")
"""What the names of measured times have in them: no key promises to reproduce those."""

ATTACKS = AttackSettings(
    adam=AdamSettings(iterations=24),
    fgsm=FgsmSettings(eps=0.2),
    bim=BimSettings(eps=0.2),
    pgd=PgdSettings(eps=0.2, steps=8),
    deepfool=DeepFoolSettings(steps=8),
    cw=CarliniWagnerSettings(steps=12, searches=2),
)
EVOLUTION = Evolution(
    classifier="digits-resnet",
    batches=2,
    epochs=2,
    stride=1,
    pairs=1,
    images=96,
    points=9,
    steps=8,
    threshold=2.25,
)
BENCHMARK = Detection(
    **DIGITS,
    images=60,
    attacks=("fgsm",),
    attack=ATTACKS,
    detectors=("mode-connectivity", "short-paths"),
    settings=DetectorSettings(mode_connectivity=ModeConnectivitySettings(points=5)),
    references=200,
    splits=1,
    adaptive_images=0,
)
POPULATION = PairStatistics(**DIGITS, pairs=6, points=20, attack=ATTACKS)
JUDGEMENT = BENCHMARK.judgements()[0]
FEATURES = JUDGEMENT.parts()[0]
VERDICT = Verdict(benchmark=BENCHMARK, images=("3", "5"))


STUDY = Study(**{one.name: getattr(FEATURES, one.name) for one in fields_of(DetectorSpec)})

PAIR = RealReal(**DIGITS, first="253", second="257", points=60, plane_resolution=5)
ATTACKED = RealAdversarial(
    **DIGITS,
    points=60,
    plane_resolution=5,
    attack=AttackSettings(method="deepfool"),
    targeted=False,
)

SPECS: tuple[Spec, ...] = (
    Survey(**DIGITS, limit=60),
    BarrierPair(**DIGITS, label="3", limit=20, pairs=3, points=9),
    *filter(None, (PAIR, PAIR.joined, ATTACKED, ATTACKED.joined)),
    replace(POPULATION, connect=ConnectSettings(rounds=1)).shards()[-1],
    POPULATION,
    AttackPopulations(**DIGITS, pairs=3, points=12, attack=ATTACKS),
    Forecast.of(POPULATION),
    Manifold(classifier="digits-resnet", label="3", points=60, plane_resolution=5),
    Modes(
        **DIGITS,
        label="3",
        natural=2,
        pattern=1,
        real=1,
        natural_settings=replace(NATURAL, steps=24),
        pattern_settings=replace(PATTERN, steps=40),
        connect=ConnectSettings(threshold=0.01, rounds=1),
        points=50,
        hull_steps=4,
        hull_samples=20,
    ),
    Untrained(network="digits-resnet", threshold=2.25, iterations=40, rounds=1, points=50),
    EVOLUTION,
    replace(EVOLUTION, statistics="estimated").parts[1],
    Percolation(highest=3, sites=200, lattices=3, points=8, samples=20, steps=100),
    Conjecture(
        largest=4, tolerances=(0.3,), networks=2, pairs=4, width=16, depth=2, grid=16, rounds=1
    ),
    BENCHMARK.attacked_shards("fgsm")[0],
    BENCHMARK.known(),
    ReferenceImage("digits-resnet", 3),
    STUDY,
    FEATURES,
    JUDGEMENT,
    BENCHMARK,
    VERDICT.reasons(),
    VERDICT,
)


def numbers_of(findings: Findings) -> dict[str, list[float]]:
    """What was found, measured times apart: for each set of numbers how many, their mean and spread."""
    found = {name: _told(values) for name, values in leaves_of(findings)}
    return {name: told for name, told in found.items() if told}


def leaves_of(findings: Findings) -> Iterator[tuple[str, Any]]:
    """All that was found by name, measured times apart."""
    for name in ("arrays", "tables", "summary"):
        yield from _leaves(getattr(findings, name), "summary" if name == "summary" else f"/{name}")


def _leaves(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for name, part in value.items():
            if not any(word in str(name) for word in TIMED):
                yield from _leaves(part, f"{path}/{name}")
    else:
        yield path, value


def _told(values: Any) -> list[float]:
    array = np.asarray(values)
    if array.dtype.kind not in "bif" or not array.size:
        return []
    finite = array[np.isfinite(array)].astype(np.float64)
    if not finite.size:
        return [0.0, 0.0, 0.0]
    return [float(finite.size), float(finite.mean()), float(finite.std())]


def main() -> None:
    """Write the file anew."""
    golden = {}
    with tempfile.TemporaryDirectory() as folder:
        store = Store(folder, shipped=None)
        for spec in SPECS:
            numbers = numbers_of(run(spec, store=store).findings)
            told = {
                name: [float(f"{one:.6g}") for one in values] for name, values in numbers.items()
            }
            golden[spec.kind] = {"revision": spec.revision, "numbers": told}
    lines = json.dumps(golden, indent=0).replace("[\n", "[").replace("\n]", "]")
    FILE.write_text(f"{lines}\n")


if __name__ == "__main__":
    main()
