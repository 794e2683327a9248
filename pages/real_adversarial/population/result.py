"""A measured population: the finding, its distributions, its numbers beside the paper's, every pair."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from engine.experiments.pair_statistics import BRANCHES, MEASURES, PAPER
from engine.records import Record
from pages.real_adversarial.population.distributions import distributions, mean_curve_figure
from pages.real_adversarial.population.inspect import inspect
from pages.real_adversarial.population.measured import Measured
from pages.real_adversarial.population.sentences import (
    OUTCOMES,
    finding,
    higher,
    interval,
    left_out_words,
    p_words,
)
from pages.real_adversarial.population.take import take_away
from pages.shared.figures.branches import NAMES
from pages.shared.figures.branches import MEASURES as TITLES
from pages.shared.words import figure, nats, share


def result_view(record: Record) -> None:
    """A finished population, whole."""
    found = Measured(record)
    _verdict(found)
    _numbers(found)
    distributions(found)
    _statistics(found)
    _separation(found)
    mean_curve_figure(found)
    inspect(found)
    _counts(found)
    take_away(
        record,
        found.pairs,
        record.arrays,
        "A row for each pair kept: images, classes, losses at the ends, height, gap and position "
        "(losses in nats), what the attack changed (in units of the pixel range).",
    )


def _verdict(found: Measured) -> None:
    words = finding(found)
    if higher(found.tests("gap")):
        st.success(words, icon=":material/check_circle:")
    else:
        st.info(words, icon=":material/balance:")


def _numbers(found: Measured) -> None:
    test = found.tests("gap")
    with st.grid(4, min_column_width=165):
        for branch in reversed(BRANCHES):
            row = found.statistics(branch, "gap")
            st.metric(
                f"Median gap, {NAMES[branch].lower()}",
                nats(row["median"]),
                help=f"Half of the pairs have a smaller gap. 95 % interval {interval(row, 'median')} "
                f"nats; the mean is {nats(row['mean'])}.",
                border=True,
            )
        st.metric(
            "Separation by gap (AUC)",
            f"{test['auc']:.2f}",
            help="The chance that a random real–adversarial pair has a larger gap than a random "
            f"real–real one: 0.5 is chance, 1 apart. 95 % interval {test['auc_low']:.2f} to "
            f"{test['auc_high']:.2f}.",
            border=True,
        )
        counts = [found.counts(branch).get("kept", 0) for branch in BRANCHES]
        st.metric(
            "Pairs",
            " + ".join(f"{count:,}" for count in counts),
            help="Real–real plus real–adversarial pairs that were kept and measured.",
            border=True,
        )


def _statistics(found: Measured) -> None:
    st.subheader("Beside the paper", anchor=False)
    rows = [_statistics_row(found, branch, measure) for measure in MEASURES for branch in BRANCHES]
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        alt="Mean and median of height and gap in both branches, with intervals, beside the paper's",
    )
    st.caption(
        "In nats; in brackets 95 % bootstrap intervals. The paper's numbers are for GoogLeNet on "
        "ImageNet's validation images, 5,000 pairs of each kind: another network on other images, so "
        "compare the order of the rows, not their size."
    )


def _statistics_row(found: Measured, branch: str, measure: str) -> dict[str, Any]:
    row, paper = found.statistics(branch, measure), PAPER[branch, measure]
    return {
        "Measure": TITLES[measure],
        "Pairs of": NAMES[branch],
        "Mean": f"{figure(row['mean'])} ({interval(row, 'mean')})",
        "Paper: mean": f"{paper['mean']:.2f}",
        "Median": f"{figure(row['median'])} ({interval(row, 'median')})",
        "Paper: median": f"{paper['median']:.2f}",
        "Quartiles": f"{figure(row['lower_quartile'])} and {figure(row['upper_quartile'])}",
        "SD": figure(row["deviation"]),
        "n": f"{row['count']:,}",
    }


def _separation(found: Measured) -> None:
    st.subheader("How far apart", anchor=False)
    columns = {TITLES[measure]: _tests(found.tests(measure)) for measure in reversed(MEASURES)}
    names = list(next(iter(columns.values())))
    st.dataframe(
        pd.DataFrame(
            {
                "Number": names,
                **{title: list(values.values()) for title, values in columns.items()},
                "How to read it": [HOW_TO_READ[name] for name in names],
            }
        ),
        hide_index=True,
        column_config={"How to read it": st.column_config.TextColumn(width="large")},
        alt="Effect sizes and tests between the branches, for gap and height, with how to read each",
    )


HOW_TO_READ = {
    "AUC (95 % interval)": "Chance that a real–adversarial pair exceeds a real–real one: 0.5 none, 1 all",
    "Cliff's delta": "2 AUC − 1: 0 no difference; 0.15 small, 0.33 medium, 0.47 large",
    "Cohen's d": "Difference of means in standard deviations: 0.2 small, 0.5 medium, 0.8 large",
    "Mann–Whitney p": "Chance of such ranks if both kinds were alike; below 0.05 is evidence",
    "Kolmogorov–Smirnov p": "The same for the largest distance between the distribution functions",
    "Kolmogorov–Smirnov distance": "That distance: 0 alike, 1 no overlap",
}


def _tests(row: dict[str, Any]) -> dict[str, str]:
    values = (
        f"{row['auc']:.2f} ({row['auc_low']:.2f} to {row['auc_high']:.2f})",
        f"{row['cliffs_delta']:.2f}",
        f"{row['cohens_d']:.2f}",
        p_words(row["mann_whitney_p"]),
        p_words(row["ks_p"]),
        f"{row['ks']:.2f}",
    )
    return dict(zip(HOW_TO_READ, values, strict=True))


def _counts(found: Measured) -> None:
    st.subheader("What became of the pairs", anchor=False)
    st.dataframe(
        pd.DataFrame(
            {
                "Pairs": list(OUTCOMES.values()),
                **{
                    NAMES[branch]: [found.counts(branch).get(name, 0) for name in OUTCOMES]
                    for branch in BRANCHES
                },
            }
        ),
        hide_index=True,
        alt="How many pairs were drawn, kept, dropped and left out in each branch",
    )
    counts = found.counts("adversarial")
    attacked = counts["drawn"] - counts.get("misclassified", 0)
    if attacked:
        succeeded = 1 - counts.get("failed", 0) / attacked
        st.caption(
            f"The attack succeeded on {share(succeeded)} of {attacked:,} images. Of every seven pairs "
            "of a class the filter drops the two whose ends differ most in loss, as the paper does."
        )
    for branch in BRANCHES:
        if found.left_out(branch):
            st.caption(left_out_words(found.left_out(branch), NAMES[branch].lower()))
