"""The detector: the verdict on images, and the benchmark behind it."""

from __future__ import annotations

from pages.detector.benchmark.view import render_benchmark
from pages.detector.linked import kind_of
from pages.detector.verdict.view import render_verdict
from pages.shared.views import views

VERDICT, BENCHMARK = "Is it an attack?", "Benchmark"
HOMES = {"verdict": VERDICT, "detection": BENCHMARK}  # kind of result -> the view that shows it


def render() -> None:
    """The page, with the view that is chosen or that a link leads to."""
    views(
        "Detector",
        {VERDICT: render_verdict, BENCHMARK: render_benchmark},
        lambda key: HOMES.get(kind_of(key)),
        prefix="dt_",
    )


render()
