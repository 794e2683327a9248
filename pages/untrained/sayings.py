"""Synthetic inputs in sentences: what was found on networks before and in training."""

from __future__ import annotations

from typing import Any

import pandas as pd

from engine.experiments.untrained.evolution import Evolution
from engine.experiments.untrained.untrained import Untrained
from pages.shared.words import counted, figure, nats, share


def outcome(summary: dict[str, Any], spec: Untrained) -> str:
    """How many pairs there are and how many are connected, in two sentences."""
    pairs, ready, joined = (summary[name] for name in ("pairs", "converged", "joined"))
    about = f"{counted(pairs, 'pairs')} of inputs, {spec.network}"
    if not ready:
        return (
            f"{about}: no pair has two inputs with a loss below {nats(spec.threshold)} after "
            f"{spec.steps:,} steps, so there is nothing to connect. The paper met the same with "
            "GoogLeNet. A higher threshold or more steps may help; the losses on the way are below."
        )
    lost = pairs - ready
    missing = f" {counted(lost, 'pairs')} did not converge and are left out." if lost else ""
    return (
        f"{about}: **{joined} of {ready}** connected below {nats(spec.threshold)} within "
        f"{counted(spec.rounds, 'rounds')}.{missing} Shown is class {summary['target_name']} of the "
        f"network with seed {summary['shown_seed']}. {summary['status']}"
    )


def shown_words(summary: dict[str, Any]) -> str:
    """The curves of the shown pair, for those who do not see them."""
    return (
        f"Loss from A to C: the straight path rises to {nats(summary['height_before'])}, the path "
        f"after {counted(summary['rounds'], 'rounds')} reaches at most "
        f"{nats(summary['height_after'])}; the threshold is {nats(summary['threshold'])}"
    )


def search_words(spec: Untrained) -> str:
    """How the paths were searched, and what is not the paper's way of doing it."""
    strides = (
        f" Where the loss is below 0.01 nats, one step stands for up to {spec.longest_stride}."
        if spec.longest_stride > 1
        else ""
    )
    return (
        f"Every new node: Adam with step size {figure(spec.bypass_rate)} for at most "
        f"{spec.iterations:,} steps.{strides} Its distance from the barrier's top has weight "
        f"{figure(spec.deviation_weight)} and its high-frequency penalty "
        f"{figure(spec.bypass_high_frequency)}; the paper's 0.1 and 1e-7, for images, outweigh losses as "
        "small as these. Batch normalisation is in "
        "evaluation mode as initialised: mean 0, variance 1."
    )


def inputs_words(spec: Untrained, inputs: pd.DataFrame) -> str:
    """How inputs were made, and where they ended."""
    reached = int(inputs["converged"].sum())
    return (
        f"From noise of standard deviation {figure(spec.noise)}, Adam with step size "
        f"{figure(spec.learning_rate)} and weight decay {figure(spec.weight_decay)}, until the loss is "
        f"below {nats(spec.threshold)} (dashed) or for {spec.steps:,} steps: {reached} of "
        f"{len(inputs)} inputs got there. C alone has a high-frequency penalty, weight "
        f"{figure(spec.high_frequency)}. Pixels are not kept in [0, 1]: they reach from "
        f"{figure(float(inputs['lowest'].min()))} to {figure(float(inputs['highest'].max()))}. Batch "
        "normalisation is in evaluation mode as initialised."
    )


def training_words(barriers: pd.DataFrame, spec: Evolution, summary: dict[str, Any]) -> str:
    """How the mean barrier went, from before training to the end."""
    batches = barriers[barriers["phase"] == "batch"].iloc[-1]
    epochs = barriers[barriers["phase"] == "epoch"]
    first, last = epochs.iloc[0], epochs.iloc[-1]
    words = f"Before training the barrier is {_height(first)}"
    if batches["number"]:
        words += f", after {counted(int(batches['number']), 'batches')} {_height(batches)}"
    words += f", after {counted(int(last['number']), 'epochs')} {_height(last)}."
    lost, tried = summary["not_converged"], summary["pairs"] * summary["measured"]
    return (
        f"{words} {spec.classifier} on {summary['images']:,} training images; "
        f"{counted(summary['pairs'], 'pairs')} at each of {summary['measured']} moments, "
        f"their inputs below {nats(spec.threshold)}. "
        f"{share(lost / tried)} of the pairs did not get there and are left out."
    )


def _height(row: pd.Series) -> str:
    if not row["pairs"]:
        return "unknown (no pair of inputs got there)"
    spread = f", standard deviation {figure(row['spread'])}" if row["pairs"] > 1 else ""
    return (
        f"**{nats(row['height'])}** high on average (median {figure(row['median'])}{spread}, "
        f"{row['pairs']} of {row['tried']} pairs)"
    )
