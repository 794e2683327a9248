"""What detectors cost in passes through the network."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from engine.experiments.detection.results import BenchmarkResult
from pages.detector.benchmark.notes import cost_words
from pages.shared.chart_block import chart_block
from pages.shared.figures import accuracy_against_cost
from pages.shared.views import one_of
from pages.shared.words import figure

SHORT = {"milliseconds": "Time", "passes": "Passes"}


def costs(found: BenchmarkResult, pixels: str, device: str) -> None:
    """Passes and milliseconds of an image on a device, and what they buy."""
    table = cost_table(found, pixels)
    across = one_of("Cost", SHORT, "bm_cost")
    chart_block(
        accuracy_against_cost(table, across), cost_words(table), key="bm_costs", of=found.key[:8]
    )
    _passes(table, device)


def cost_table(found: BenchmarkResult, pixels: str) -> pd.DataFrame:
    """What an image costs each detector beside its mean AUC."""
    table = found.with_titles(found.tables["cost"])
    return table.assign(
        passes=table["forward_passes"] + table["backward_passes"],
        auc=table["detector"].map(found.means(pixels)),
    )


def _passes(table: pd.DataFrame, device: str) -> None:
    st.table(
        {
            "Detector": table["title"].tolist(),
            "Forward passes": [f"{value:,}" for value in table["forward_passes"]],
            "Backward passes": [f"{value:,}" for value in table["backward_passes"]],
            "Features": [f"{value:,}" for value in table["features"]],
            "Time (ms)": [figure(float(value)) for value in table["milliseconds"]],
        },
        alt="Forward and backward passes, numbers kept and milliseconds of one image, for each detector",
    )
    st.caption(
        f"For one image, in batches, on {device.upper()}. Features: the numbers that a detector learns from."
    )
