"""Connectivity through training: curves and barriers batch by batch and epoch by epoch (Figs. 10, 11)."""

from __future__ import annotations

from functools import partial

import pandas as pd
import streamlit as st

from engine.experiments.untrained.results import EvolutionResult
from engine.plots.grammar import Drawing
from engine.records import Record
from pages.shared.chart_block import chart_block
from pages.shared.figures import stage_barriers, stage_curves
from pages.shared.fold import fold
from pages.shared.fragments import fragment
from pages.shared.views import one_of
from pages.shared.words import counted, nats, share

PHASES = {"batch": "Batch by batch (Fig. 10)", "epoch": "Epoch by epoch (Fig. 11)"}


def training(record: Record) -> None:
    """The finding and the figures of an evolution record."""
    found = record.found(EvolutionResult)
    words, method = finding(found)
    st.markdown(words)
    _figures(found)
    fold("How it was measured", "rule", "ev_method", partial(st.markdown, method))


def finding(found: EvolutionResult) -> tuple[str, str]:
    """How the mean barrier went from before training to the end; and of what it is the mean."""
    spec, summary, barriers = found.spec, found.summary, found.barriers
    batches = barriers[barriers["phase"] == "batch"].iloc[-1]
    epochs = barriers[barriers["phase"] == "epoch"]
    first, last = epochs.iloc[0], epochs.iloc[-1]
    words = f"Before training the barrier is {_height(first)}"
    if batches["number"]:
        words += f", after {counted(int(batches['number']), 'batches')} {_height(batches)}"
    least = epochs.loc[epochs["height"].idxmin()] if epochs["height"].notna().any() else first
    if 0 < least["number"] < last["number"]:
        words += f", least after {counted(int(least['number']), 'epochs')}, {_height(least)}"
    lost, tried = summary["not_converged"], summary["pairs"] * summary["measured"]
    return f"{words}, and after {counted(int(last['number']), 'epochs')} {_height(last)}.", (
        f"{spec.classifier}, {summary['images']:,} training images, {counted(summary['pairs'], 'pairs')} at "
        f"each of {summary['measured']} moments. {share(lost / tried)} of them did not get below "
        f"{nats(spec.threshold)} and are left out."
    )


def _height(row: pd.Series) -> str:
    if not row["pairs"]:
        return "unknown (no pair of inputs got there)"
    return f"**{nats(row['height'])}**"


@fragment
def _figures(found: EvolutionResult) -> None:
    barriers = found.barriers
    phases = {name: PHASES[name] for name in PHASES if (barriers["phase"] == name).sum() > 1}
    phase = one_of("Stages", phases, "ev_phase")
    chart_block(
        stage_barriers(barriers, phase),
        "Mean with 95 % interval, median (dashed), middle half (pale).",
        key="ev_barriers",
        of=f"{phase}-{found.key[:8]}",
    )
    fold("The loss along the way", "show_chart", "ev_curves_fold", partial(_curves, found, phase))


def _curves(found: EvolutionResult, phase: str) -> None:
    """The curves that the barriers are the tops of."""
    chart_block(
        stage_curves(found.curves, phase),
        f"One line a {phase}. Bands: the middle half of the pairs.",
        key="ev_curves",
        of=f"{phase}-{found.key[:8]}",
    )


def training_card(record: Record) -> Drawing:
    """What stands on the card of such a record."""
    return stage_barriers(record.found(EvolutionResult).barriers, "epoch")[0]
