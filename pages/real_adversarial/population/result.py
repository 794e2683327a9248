"""A measured population: the finding, its distributions, its numbers beside the paper's, every pair."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from engine.experiments.population.drawing import BRANCHES
from engine.experiments.population.results import PopulationResult
from engine.plots.branches import NAMES, samples_of
from engine.records import Record
from pages.real_adversarial.population.distributions import (
    distributions,
    mean_curve_figure,
    rounds_figure,
)
from pages.real_adversarial.population.inspect import inspect
from pages.real_adversarial.population.numbers import (
    counts_table,
    separation_table,
    statistics_table,
)
from pages.real_adversarial.population.sentences import (
    finding,
    higher,
    in_numbers,
    interval,
)
from pages.shared.downloads import File, take
from pages.shared.figures import histograms
from pages.shared.fold import fold
from pages.shared.pair.drawing import metric
from pages.shared.share import share_button
from pages.shared.words import nats, share

LABELS = {"real": "Real gap", "adversarial": "Adversarial gap"}


def result_view(record: Record) -> Callable[[], None]:
    """What one sees first of a population; draws the rest when it is called."""
    found = record.found(PopulationResult)
    _verdict(found)
    distributions(found)
    _numbers(found)
    st.markdown(in_numbers(found))
    share_button(record, "pop", lambda: histograms(samples_of(found.pairs, "gap"), "gap")[0])
    return lambda: _rest(record, found)


def _rest(record: Record, found: PopulationResult) -> None:
    inspect(found)
    fold("In numbers, beside the paper", "table", "pop_beside", partial(_tables, found))
    fold("The mean path, and the rounds", "show_chart", "pop_paths", partial(_paths, found))
    pairs = File(
        "All pairs (CSV)",
        "-pairs.csv",
        lambda: found.pairs,
        "A row for each pair kept: images, classes, losses at the ends, height, gap and position "
        "(losses in nats), what the attack changed (in units of the pixel range).",
    )
    curves = File(
        "Curves (NPY)",
        "-curves.npy",
        lambda: record.arrays["curves"],
        "Loss in nats, float32, (pairs, points), a row for each row of the pairs; for numpy.load.",
    )
    take(record, "pop_get", lambda: (pairs, curves))


def _tables(found: PopulationResult) -> None:
    statistics_table(found)
    separation_table(found)
    counts_table(found)


def _paths(found: PopulationResult) -> None:
    mean_curve_figure(found)
    rounds_figure(found)


def _verdict(found: PopulationResult) -> None:
    words = finding(found)
    if higher(found.tests("gap")):
        st.success(words, icon=":material/check_circle:")
    else:
        st.info(words, icon=":material/balance:")


def _numbers(found: PopulationResult) -> None:
    test = found.tests("gap")
    with st.grid(4, min_column_width=165):
        for branch in reversed(BRANCHES):
            row = found.statistics(branch, "gap")
            metric(
                LABELS[branch],
                nats(row["median"]),
                f"The median gap of {NAMES[branch].lower()} pairs, 95 % interval {interval(row, 'median')} "
                f"nats; the mean is {nats(row['mean'])}.",
            )
        metric(
            "Separation (AUC)",
            share(test["auc"]),
            "The chance that a random real–adversarial pair has a larger gap than a random real–real one: "
            "50 % is chance, 100 % apart. 95 % interval "
            f"{share(test['auc_low'])} to {share(test['auc_high'])}.",
        )
        counts = [found.counts(branch).get("kept", 0) for branch in BRANCHES]
        words = "Real–real plus real–adversarial pairs that were kept and measured."
        metric("Pairs", " + ".join(f"{count:,}" for count in counts), words)
