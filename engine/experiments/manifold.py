"""Optimal manifold: two unlike synthetic modes of a class, connected (Vrabel et al. 2024, sec. 4.3)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import numpy as np

from engine.classifiers import cards
from engine.classifiers.labels import class_index
from engine.experiments.base import Context, Findings, Spec
from engine.finders.settings import ConnectSettings
from engine.parameters import Parameter
from engine.progress import part
from engine.synthesis.settings import NATURAL, PATTERN, SynthesisSettings

if TYPE_CHECKING:
    from engine.experiments.synthetic import Synthetic

STRICT = ConnectSettings(threshold=0.01)
"""A fifth of the usual threshold: both modes have almost no loss, and so shall the path between them."""


@dataclass(frozen=True)
class Manifold(Spec):
    """Synthesise a natural-looking mode and a high-frequency one of a class, and connect them."""

    kind: ClassVar[str] = "manifold"
    title: ClassVar[str] = "Optimal manifold"
    revision: ClassVar[int] = 1

    classifier: Annotated[str, Parameter("Classifier.")] = "shapes-resnet"
    label: Annotated[
        str,
        Parameter("Class of both modes, by name or number. Empty: the first.", label="Class"),
    ] = ""
    natural: Annotated[SynthesisSettings, Parameter("How mode A is made, natural-looking.")] = (
        field(default_factory=lambda: NATURAL)
    )
    pattern: Annotated[
        SynthesisSettings,
        Parameter("How mode C is made, a high-frequency pattern (mode B of Fig. 7)."),
    ] = field(default_factory=lambda: PATTERN)
    seed: Annotated[
        int, Parameter("Seed of the noise that both modes grow from.", low=0, high=2**31 - 1)
    ] = 0
    connect: Annotated[ConnectSettings, Parameter("How the path is searched.")] = field(
        default_factory=lambda: STRICT
    )
    points: Annotated[
        int,
        Parameter("Points on each loss curve.", unit="points", low=50, high=20_000, advanced=True),
    ] = 1000
    plane_resolution: Annotated[
        int,
        Parameter(
            "Points a side of the loss plane through both modes and the new node. 0: no plane.",
            unit="points",
            low=0,
            high=401,
            advanced=True,
        ),
    ] = 41

    def digests(self) -> dict[str, str]:
        return {"weights": cards.digest(self.classifier)}

    def compute(self, context: Context) -> Findings:
        from engine.classifiers import load_classifier
        from engine.experiments.synthetic import Kind, synthesise
        from engine.experiments.walk import describe, walk

        report = context.report
        classifier = load_classifier(
            self.classifier, context.device, part(report, 0, 0.05, "Loading the network")
        )
        target = class_index(self.label or "0", classifier.classes)
        kinds = [Kind("natural", self.natural, 1), Kind("pattern", self.pattern, 1)]
        made = synthesise(classifier, target, kinds, self.seed, part(report, 0.05, 0.5))
        arrays = {"modes": made.images.numpy()}
        tables = {"modes": made.rows(), "synthesis": made.trace()}
        about = {
            "target": target,
            "target_name": classifier.classes[target],
            "classes": list(classifier.classes),
            "threshold": self.connect.threshold,
            "modes": _about(made),
        }
        if not made.converged.all():
            return Findings(arrays, tables, {**about, "connected": False, "status": _failed(made)})
        walked = walk(
            classifier,
            made.images,
            target,
            self.connect,
            points=self.points,
            plane_resolution=self.plane_resolution,
            report=part(report, 0.5, 1),
        )
        more, path_tables, summary = describe(walked)
        return Findings(arrays | more, {**tables, **path_tables}, {**about, **summary})


def _about(made: Synthetic) -> list[dict[str, Any]]:
    """Both modes in the summary: loss, probability of the class, whether each is a mode, in words."""
    rows = made.rows()
    return [
        {
            "kind": rows["kind"][k],
            "loss": rows["loss"][k],
            "probability": float(np.exp(-rows["loss"][k])),
            "steps": rows["steps"][k],
            "converged": rows["converged"][k],
            "status": word,
        }
        for k, word in enumerate(made.words)
    ]


def _failed(made: Synthetic) -> str:
    """Why there is no path: which image is no mode, and what to do."""
    wrong = [
        f"{letter} is not a mode ({word.partition(': ')[2]})"
        for letter, word, good in zip("AC", made.words, made.converged, strict=True)
        if not good
    ]
    return (
        f"No path was searched: {' '.join(wrong)} Give it more steps, a smaller penalty or another "
        "objective."
    )
