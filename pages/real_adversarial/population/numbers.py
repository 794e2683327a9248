"""A population in tables and figures: its distributions, beside the paper, what became of the pairs."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from engine.experiments.population.drawing import BRANCHES
from engine.experiments.population.pair_statistics import MEASURES, PAPER
from engine.experiments.population.results import PopulationResult, attacked_of
from engine.plots.branches import MEASURES as TITLES
from engine.plots.branches import NAMES
from pages.real_adversarial.population.sentences import OUTCOMES, interval, left_out_words, p_words
from pages.shared.words import figure, share

HOW_TO_READ = {
    "AUC": "Chance that a random real–adversarial pair exceeds a real–real one (50 %: no difference)",
    "AUC, 95 % interval": "Where it holds 50 %, the two kinds are not told apart",
    "Cliff's delta": "2 AUC − 1: 0 no difference; 0.15 small, 0.33 medium, 0.47 large",
    "Cohen's d": "Difference of means in standard deviations: 0.2 small, 0.5 medium, 0.8 large",
    "Mann–Whitney p": "Chance of ranks so far apart if both kinds were alike: below 0.05 is evidence",
    "KS distance": "Kolmogorov–Smirnov: the largest distance between the distribution functions, 0 to 1",
    "KS p": "Chance of such a distance if both kinds were alike",
}


def statistics_table(found: PopulationResult) -> None:
    """Means and medians with their intervals, beside the paper's."""
    st.header("Beside the paper", anchor=False)
    rows = [_statistics_row(found, branch, measure) for measure in MEASURES for branch in BRANCHES]
    st.table(
        pd.DataFrame(rows),
        hide_index=True,
        alt="Mean and median of height and gap in both branches, with intervals, beside the paper's",
    )
    st.caption(
        "In nats; in brackets 95 % bootstrap intervals. The paper's numbers are for GoogLeNet on "
        "ImageNet's validation images, 5,000 pairs of each kind: another network on other images, so "
        "compare the order of the rows, not their size."
    )


def _statistics_row(found: PopulationResult, branch: str, measure: str) -> dict[str, Any]:
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


def separation_table(found: PopulationResult) -> None:
    """Effect sizes and tests, each with how to read it."""
    st.header("How far apart", anchor=False)
    columns = {TITLES[measure]: _tests(found.tests(measure)) for measure in reversed(MEASURES)}
    names = list(next(iter(columns.values())))
    st.table(
        pd.DataFrame(
            {
                **{title: list(values.values()) for title, values in columns.items()},
                "How to read it": [HOW_TO_READ[name] for name in names],
            },
            index=pd.Index(names, name="Number"),
        ),
        alt="Effect sizes and tests between the branches, for gap and height, with how to read each",
    )


def _tests(row: dict[str, Any]) -> dict[str, str]:
    values = (
        share(row["auc"]),
        f"{share(row['auc_low'])} to {share(row['auc_high'])}",
        f"{row['cliffs_delta']:.2f}",
        f"{row['cohens_d']:.2f}",
        p_words(row["mann_whitney_p"]),
        f"{row['ks']:.2f}",
        p_words(row["ks_p"]),
    )
    return dict(zip(HOW_TO_READ, values, strict=True))


def counts_table(found: PopulationResult) -> None:
    """How many pairs came to what end, and which classes took no part."""
    st.header("What became of the pairs", anchor=False)
    st.table(
        pd.DataFrame(
            {
                NAMES[branch]: [found.counts(branch).get(name, 0) for name in OUTCOMES]
                for branch in BRANCHES
            },
            index=pd.Index(OUTCOMES.values(), name="Pairs"),
        ),
        alt="How many pairs were drawn, kept, dropped and left out in each branch",
    )
    counts = found.counts("adversarial")
    attacked = attacked_of(counts)
    if attacked:
        succeeded = 1 - counts.get("failed", 0) / attacked
        st.caption(
            f"The attack succeeded on {share(succeeded)} of {attacked:,} images. Of every seven pairs "
            "of a class the filter drops the two whose ends differ most in loss, as the paper does."
        )
    for branch in BRANCHES:
        if found.left_out(branch):
            st.caption(left_out_words(found.left_out(branch), NAMES[branch].lower()))
