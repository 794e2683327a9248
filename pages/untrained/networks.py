"""Networks at initialisation: optimal inputs from noise, connected by two rounds of bypass (Fig. 8)."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import streamlit as st

from engine.experiments.pair.results import PairResult
from engine.experiments.untrained.results import UntrainedResult
from engine.plots.grammar import Drawing
from engine.plots.tracks import Drawn
from engine.records import Record
from pages.shared.chart_block import chart_block
from pages.shared.figures import loss_curves
from pages.shared.fold import fold
from pages.shared.fragments import fragment
from pages.shared.living_map import path_map
from pages.shared.views import one_of
from pages.shared.words import counted, figure, nats, plain
from pages.untrained.population import every_pair, fractions, inputs

NODES = {
    2: ("A", "C"),
    3: ("A", "B′", "C"),
    5: ("A", "B″", "B′", "B‴", "C"),
}
"""Names of a path's nodes by their number, as in Fig. 8."""


def networks(record: Record) -> None:
    """The finding, the pair in depth, the fractions, all pairs, and how the inputs were made."""
    found = record.found(UntrainedResult)
    joined, ready = found.summary["joined"], found.summary["converged"]
    if ready:
        st.markdown(f"**{joined} of {ready}** pairs connected below {nats(found.spec.threshold)}.")
    else:
        st.warning(finding(found), icon=":material/warning:")
    if found.shown:
        _pair(found)
    fold("All pairs, and how they were made", "table", "ut_pairs", partial(_every_pair, found))


def _every_pair(found: UntrainedResult) -> None:
    if found.shown:
        st.markdown(finding(found))
        fractions(found.fractions)
        _heights(found)
        st.caption(search_words(found))
    every_pair(found.pairs)
    inputs(found)


def finding(found: UntrainedResult) -> str:
    """How many pairs there are and how many are connected; of none, what may help."""
    spec, summary = found.spec, found.summary
    pairs, ready, joined = (summary[name] for name in ("pairs", "converged", "joined"))
    about = f"{counted(pairs, 'pairs')} of inputs, {spec.network}"
    if not ready:
        return (
            f"{about}: none with two losses below {nats(spec.threshold)} after {spec.steps:,} steps, so "
            "there is nothing to connect. A higher threshold or more steps may help; the losses on the "
            "way are below."
        )
    lost = pairs - ready
    missing = f" {counted(lost, 'pairs')} did not converge and are left out." if lost else ""
    return (
        f"{about}: **{joined} of {ready}** connected below {nats(spec.threshold)} within "
        f"{counted(spec.rounds, 'rounds')}.{missing} Shown is class {plain(summary['target_name'])} of the "
        f"network with seed {summary['shown_seed']}. {summary['status']}"
    )


@fragment
def _pair(found: UntrainedResult) -> None:
    """The curves of Fig. 8 beside the pictures, and the viewer that moves along them."""
    left, right = st.columns([11, 9], gap="large")
    summary = found.summary
    with left:
        scale = one_of("Loss axis", ("Logarithmic", "Linear"), "ut_scale")
        chart_block(
            loss_curves(found, logarithmic=scale != "Linear"),
            "Dashed: the threshold.",
            key="ut_curves",
            of=found.key[:8],
            alt_text=f"Loss from A to C: the straight path rises to {nats(summary['height_before'])}, the "
            f"path after {counted(summary['rounds'], 'rounds')} to {nats(summary['height_after'])}; the "
            f"threshold is {nats(summary['threshold'])}",
        )
    drawn, low, high = stretch(found)
    with right:
        path_map(drawn, {}, key="ut_viewer")
        shown = f"black is {figure(low)}, white is {figure(high)}".replace("-", "−")
        st.caption(f"Inputs may leave the range of pictures, 0 to 1: {shown}.")


def stretch(pair: PairResult) -> tuple[Drawn, float, float]:
    """The pair with its pictures stretched to [0, 1], and the values that become black and white.

    One map for all pictures, so places along the path stay where they are.
    """
    low = min(float(track.nodes.min()) for track in pair.tracks)
    high = max(float(track.nodes.max()) for track in pair.tracks)
    tracks = [replace(one, nodes=(one.nodes - low) / (high - low)) for one in pair.tracks]
    return Drawn(tracks, pair.threshold, pair.classes, key=pair.key), low, high


def _heights(found: UntrainedResult) -> None:
    nodes = [len(track.nodes) for track in found.tracks]
    st.table(
        {
            "Path": [track.name for track in found.tracks],
            "Nodes": ["–".join(NODES.get(n, ("A", f"{n - 2} nodes", "C"))) for n in nodes],
            "Highest loss (nats)": [figure(value) for value in found.rounds["height"]],
            "Above the higher end by (nats)": [figure(value) for value in found.rounds["gap"]],
        },
        alt="Highest loss of the straight path and of the path after every round",
    )


def search_words(found: UntrainedResult) -> str:
    """How the paths were searched, and what is not the paper's way of doing it."""
    spec = found.spec
    strides = (
        f" Where the loss is below 0.01 nats, one step stands for up to {spec.longest_stride}."
        if spec.longest_stride > 1
        else ""
    )
    return (
        f"Every new node: Adam with step size {figure(spec.bypass_rate)} for at most "
        f"{spec.iterations:,} steps.{strides} Weight of its distance from the barrier's top "
        f"{figure(spec.deviation_weight)}, of its high-frequency penalty "
        f"{figure(spec.bypass_high_frequency)} (the paper's, for images: 0.1 and 1e-7)."
    )


def networks_card(record: Record) -> Drawing:
    """What stands on the card of such a record."""
    return loss_curves(record.found(UntrainedResult), logarithmic=True)[0]
