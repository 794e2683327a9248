"""All attacks side by side: how often each succeeds, how far it goes, and whether the gap gives it away."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from engine.attacks import ATTACKS
from engine.experiments.detection.paper import reported_auc
from engine.experiments.population.results import AttacksResult
from engine.records import Record
from pages.real_adversarial.population.choice import LINK
from pages.real_adversarial.population.sentences import attacks_finding, interval, p_words
from pages.shared import service
from pages.shared.chart_block import chart_block
from pages.shared.downloads import File, take
from pages.shared.figures import box_plots, separations
from pages.shared.share import share_button
from pages.shared.words import figure, plain, share


def attacks_view(record: Record) -> Callable[[], None]:
    """What one sees first of the populations of all attacks; draws the rest when it is called."""
    found = record.found(AttacksResult)
    attacks = found.attacks
    rows = attacks.to_dict("records")
    st.info(attacks_finding(rows), icon=":material/balance:")
    for method, reason in found.missing.items():
        st.warning(
            f"**{ATTACKS[method].title}** is missing: {plain(reason)}", icon=":material/block:"
        )
    left, right = st.columns(2, gap="large")
    with left:
        _boxes(found)
    with right:
        _areas(found)
    share_button(record, "pop", lambda: box_plots(_gaps(found), "gap")[0])
    return lambda: _rest(record, found, rows)


def _rest(record: Record, found: AttacksResult, rows: list[dict[str, Any]]) -> None:
    st.header("In numbers", anchor=False)
    _table(rows)
    _open(found)
    pairs = File(
        "All pairs (CSV)",
        "-pairs.csv",
        lambda: found.pairs,
        "Height and gap of every pair in nats, with its attack; group real: the real–real pairs.",
    )
    take(record, "pop_get", lambda: (pairs,))


def _gaps(found: AttacksResult) -> dict[str, np.ndarray]:
    """The gaps of real-real pairs and of each attack's, by what they are called."""
    return {
        "Real–real" if group == "real" else ATTACKS[str(group)].title: own["gap"].to_numpy()
        for group, own in found.pairs.groupby("group", sort=False)
    }


def _boxes(found: AttacksResult) -> None:
    st.header("The gap by attack", anchor=False)
    chart_block(
        box_plots(_gaps(found), "gap"),
        "An attack can be seen by its barriers where its box lies to the right of the blue one.",
        key="pop_attack_boxes",
        of=found.key[:8],
    )


def _areas(found: AttacksResult) -> None:
    st.header("How well the gap tells them apart", anchor=False)
    chart_block(
        separations(found.attacks),
        "With 95 % intervals. An attack whose bar crosses 50 % is not told from real–real pairs.",
        key="pop_attack_auc",
        of=found.key[:8],
    )


def _table(rows: list[dict[str, Any]]) -> None:
    st.table(
        pd.DataFrame([_row(row) for row in rows]),
        hide_index=True,
        alt="Success, size and gap of every attack, with AUC and p-value",
    )
    st.caption(
        "L2 and L∞: the median change over the pairs kept, L2 in units of the pixel range. Gap in nats, gap "
        "and AUC with 95 % intervals. Paper's detector: AUC (Table 1, VGG-16 on CIFAR-10), from the whole "
        "curve and the logits. Gradients: mean for an image."
    )


def _row(row: dict[str, Any]) -> dict[str, str]:
    paper = reported_auc("cifar10", "mode-connectivity", row["attack"])
    return {
        "Attack": row["title"],
        "Success": share(row["success"]) if row["attacked"] else "none tried",
        "Pairs": f"{row['kept']:,}",
        "L2": figure(row["l2"]),
        "L∞ (of 255)": figure(255 * row["linf"]),
        "Median gap": f"{figure(row['median'])} ({interval(row, 'median')})",
        "AUC": f"{share(row['auc'])} ({share(row['auc_low'])} to {share(row['auc_high'])})",
        "Paper's detector": share(paper) if paper else "–",
        "Mann–Whitney p": p_words(row["mann_whitney_p"]),
        "Gradients": figure(row["looks"]),
    }


def _open(found: AttacksResult) -> None:
    """Ways to the populations behind the record, of those that are kept here."""
    keys = {method: key for method, key in found.keys.items() if service.find(key)}
    if not keys:
        return
    st.caption("Open the population of one attack")
    with st.container(horizontal=True):
        for method, key in keys.items():
            st.button(
                ATTACKS[method].title,
                key=f"pop_open_{method}",
                icon=":material/open_in_new:",
                on_click=LINK.open,
                args=(key,),
            )
