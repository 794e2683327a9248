"""The table of accuracy and AUC, detector by attack, with intervals and the paper's figures in each cell."""

from __future__ import annotations

from html import escape
from typing import Any

import pandas as pd
import streamlit as st

from engine.experiments.detection.results import AGREES, NEARLY, BenchmarkResult
from pages.detector.benchmark.sentences import percent
from pages.shared.downloads import File, file_button

BEST = "★"

_STYLE = (
    "<style>.isthmus-rates{overflow-x:auto}"
    ".isthmus-rates table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums;"
    "font-size:.9rem}"
    ".isthmus-rates th,.isthmus-rates td{padding:.35rem .6rem;text-align:left;vertical-align:top;"
    "white-space:nowrap;border-bottom:1px solid color-mix(in srgb,currentColor 18%,transparent)}"
    ".isthmus-rates th[scope=row]{min-width:8.5rem;white-space:normal}"
    ".isthmus-rates small{display:block;opacity:.75;font-weight:400;font-size:.78rem}</style>"
)


def rates_table(found: BenchmarkResult, pixels: str) -> None:
    """Draw the table; below it, how to read it, and the same as a file."""
    headline = found.headline(pixels)
    best = headline.groupby("attack")["auc"].max().to_dict()
    head = "".join(f"<th scope='col'>{escape(title)}</th>" for title in found.attacks.values())
    rows = "".join(_row(found, headline, name, best) for name in found.titles)
    st.html(
        f"{_STYLE}<div class='isthmus-rates' tabindex='0' role='region' aria-label='Accuracy and AUC'>"
        f"<table><thead><tr><th scope='col'>Detector</th>{head}<th scope='col'>Mean AUC</th></tr></thead>"
        f"<tbody>{rows}</tbody></table></div>"
    )
    st.caption(_how_to_read(found))
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


def _row(found: BenchmarkResult, headline: pd.DataFrame, name: str, best: dict[str, float]) -> str:
    own = headline[headline["detector"] == name].set_index("attack")
    cells = []
    for attack in found.attacks:
        if attack in own.index:
            row = {**own.loc[attack], "attack": attack}
            cells.append(_cell(row, best[attack], found.paper(name, attack), found.holds(row)))
        else:
            cells.append("<td>–</td>")
    models = "one model for all" if found.one_model(name) else "a model for each attack"
    mean = f"<td>{percent(float(own['auc'].mean()))}</td>"
    title = f"<th scope='row'>{escape(found.titles[name])}<small>{models}</small></th>"
    return f"<tr>{title}{''.join(cells)}{mean}</tr>"


def _cell(row: Any, best: float, paper: str, holds: str = "") -> str:
    first = row["auc"] >= best - 1e-9
    auc = f"<b>{percent(row['auc'])} {BEST}</b>" if first else percent(row["auc"])
    spans = [
        f"{title} {percent(row[f'{name}_low'])} to {percent(row[f'{name}_high'])}"
        for name, title in (("accuracy", "ACC"), ("auc", "AUC"))
    ]
    told = f"{paper.replace('/', ' / ')}{f': {holds}' if holds else ''}"
    of_paper = f"<small>paper {told}</small>" if paper else ""
    return (
        f"<td title='95 % intervals: {', '.join(spans)}'>{percent(row['accuracy'])} / {auc}"
        f"<small>{percent(row['auc_low'])} to {percent(row['auc_high'])}{_pairs(row)}</small>"
        f"{of_paper}</td>"
    )


def _pairs(row: Any) -> str:
    """How many pairs a cell speaks of, which earlier records do not say."""
    return f", {row['pairs']:,.0f} pairs" if "pairs" in row else ""


def _how_to_read(found: BenchmarkResult) -> str:
    words = (
        f"ACC / AUC in %; {BEST} and bold: the highest AUC of the column. Below it its 95 % bootstrap "
        f"interval over {found.spec.splits} random splits, that of ACC on hover, "
        "and the test pairs of all splits. An AUC of 50 is chance."
    )
    if any(found.paper(name, attack) for name in found.titles for attack in found.attacks):
        return (
            f"{words} “paper”: Table 1 of Vrabel et al. 2024, VGG-16 with other weights; its AUC holds "
            f"within {100 * AGREES:g} points of our interval, and partly within {100 * NEARLY:g}."
        )
    return f"{words} The paper has such figures for VGG-16 on CIFAR-10 and CIFAR-100 alone."
