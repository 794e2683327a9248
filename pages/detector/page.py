"""The detector: the verdict on images, and the benchmark behind it."""

from __future__ import annotations

from engine.experiments.detection.detection import Detection
from engine.experiments.detection.verdict import Verdict
from pages.detector.benchmark.view import render_benchmark
from pages.detector.verdict.view import render_verdict
from pages.shared.views import views

VERDICT, BENCHMARK = "A picture", "Benchmark"
HOMES = {Verdict: VERDICT, Detection: BENCHMARK}


def render() -> None:
    """The page, with the view that is chosen or that a link leads to."""
    views(
        "Is it an attack?",
        {VERDICT: render_verdict, BENCHMARK: render_benchmark},
        HOMES,
        prefix="dt_",
        page="detector",
    )


render()
