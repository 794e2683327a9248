"""The table of accuracy and AUC, detector by attack, with intervals and the paper's figures in each cell."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from engine.experiments.detection.results import AGREES, NEARLY, BenchmarkResult
from engine.gallery import RESNET_DETECTION
from pages.detector.benchmark.sentences import percent
from pages.shared import address, service
from pages.shared.address import RUN
from pages.shared.downloads import File, file_button
from pages.shared.figures.remembered import remembered
from pages.shared.sortable import Cell, sortable

BEST = "★"


def rates_table(found: BenchmarkResult, pixels: str) -> None:
    """Draw the table; below it, how to read it, and the same as a file."""
    columns = ["Detector", "Mean AUC", *found.attacks.values()]
    sortable(
        columns, _rows(found, pixels), by=1, label="AUC by detector and attack", key="bm_rates"
    )
    st.caption(_how_to_read(found))
    if not _compared(found) and (record := service.measured(RESNET_DETECTION)):
        words = "The paper's figures beside ours: ResNet-20 on CIFAR-10"
        icon = ":material/compare_arrows:"
        if st.button(words, icon=icon, type="tertiary", key="bm_beside"):
            address.go(record.spec.page, {RUN: record.key})
    with st.container(width=240):
        table = File(
            "Table (CSV)",
            f"-{pixels}.csv",
            lambda: as_table(found, pixels),
            "A row for each detector and attack: ACC and AUC with 95 % intervals, detection rates, the "
            "paper's.",
        )
        file_button(table, f"isthmus-detection-{found.key[:8]}", "bm_get")


def as_table(found: BenchmarkResult, pixels: str) -> pd.DataFrame:
    """The table's numbers as rows, shares in percent."""
    table = found.headline(pixels)
    counts = ["pairs"] if "pairs" in table else []  # earlier records do not tell
    numbers = [name for name in table if name.startswith(("accuracy", "auc", "detected"))]
    rows = table[["title", "attack", "trained", *counts]].join(100 * table[numbers])
    rows["paper ACC/AUC"] = [
        found.paper(name, attack)
        for name, attack in zip(table["detector"], table["attack"], strict=True)
    ]
    return rows


@remembered
def _rows(found: BenchmarkResult, pixels: str) -> list[list[Cell]]:
    headline = found.headline(pixels)
    best = headline.groupby("attack")["auc"].max().to_dict()
    return [_row(found, headline, name, best) for name in found.titles]


def _row(
    found: BenchmarkResult, headline: pd.DataFrame, name: str, best: dict[str, float]
) -> list[Cell]:
    own = headline[headline["detector"] == name].set_index("attack")
    models = "one model for all" if found.one_model(name) else "one for each attack"
    mean = float(own["auc"].mean())
    cells = [Cell(found.titles[name], (models,)), Cell(percent(mean), _of_all(own), value=mean)]
    for attack in found.attacks:
        if attack in own.index:
            row = {**own.loc[attack], "detector": name, "attack": attack}
            cells.append(cell_of(row, best[attack], found.paper(name, attack), found.holds(row)))
        else:
            cells.append(Cell("–"))
    return cells


def _of_all(own: pd.DataFrame) -> tuple[str, ...]:
    """How many pairs all figures of a detector are of, in a line; earlier records do not tell."""
    return (f"n = {own['pairs'].sum():,.0f}",) if "pairs" in own else ()


def cell_of(row: Any, best: float, paper: str, holds: str = "") -> Cell:
    """A detector's AUC against an attack, with its n and the paper's figure; the rest is told on hover."""
    first = row["auc"] >= best - 1e-9
    low, high = percent(row["auc_low"]), percent(row["auc_high"])
    told = [f"95 % interval of the AUC {low} to {high}"]
    told += [
        f"ACC {percent(row['accuracy'])} ({percent(row['accuracy_low'])} to "
        f"{percent(row['accuracy_high'])})"
    ]
    lines = [f"n = {row['pairs']:,.0f}"] if "pairs" in row else []  # earlier records do not tell
    if paper:
        lines.append(f"paper {paper.rsplit('/', maxsplit=1)[-1]}")
        told.append(f"the paper's ACC / AUC {paper.replace('/', ' / ')}{holds and f': {holds}'}")
    words = f"{percent(row['auc'])} {BEST}" if first else percent(row["auc"])
    return Cell(words, tuple(lines), "; ".join(told), float(row["auc"]), bool(first))


def _compared(found: BenchmarkResult) -> bool:
    """Whether the paper has figures of the same images."""
    return any(found.paper(name, attack) for name in found.titles for attack in found.attacks)


def _how_to_read(found: BenchmarkResult) -> str:
    words = (
        f"AUC in %, 50 is chance; {BEST} is the best of a column; n are test pairs, of all "
        f"{found.spec.splits} splits. Intervals and ACC on hover. A click on a column sorts."
    )
    if _compared(found):
        return (
            f"{words} “paper”: Table 1 of Vrabel et al. 2024, VGG-16 with other weights; on hover, whether "
            f"it holds within {100 * AGREES:g} points of our interval, or partly within {100 * NEARLY:g}."
        )
    return f"{words} The paper has such figures for VGG-16 on CIFAR-10 and CIFAR-100 alone."
