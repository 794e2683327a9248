"""K, K′ and what the attack changed: pictures, norms, what 8 bits do to it, and K′ as files."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from engine.attacks import ATTACKS
from engine.experiments.pair.results import AdversarialResult, PairResult
from engine.images import amplify, encode_png, to_bytes
from engine.records import Record
from pages.detector.verdict.state import question
from pages.real_adversarial.desk import DESK
from pages.real_adversarial.sentences import eight_bit_words, size_words
from pages.shared.chart_block import chart_block
from pages.shared.details import picture
from pages.shared.downloads import as_npy, file_button
from pages.shared.figures import attack_plane, attack_trace
from pages.shared.uploads import kept
from pages.shared.words import figure, share


def attacked(record: Record) -> None:
    """K, K′ and their difference, amplified, with its norms; K′ as files."""
    source, result = record.arrays["source"], record.arrays["adversarial"]
    summary = record.summary
    st.subheader("What the attack changed", anchor=False)
    difference, factor = amplify(result - source)
    seen = _seen(summary)
    with st.grid(3, min_column_width=100):
        picture(to_bytes(source), f"**K**, seen as {seen[0]}", "picture K")
        picture(to_bytes(result), f"**K′**, seen as {seen[1]}", "picture K prime")
        picture(difference, f"**K′ − K**, × {figure(factor)}", "K prime minus K, amplified")
    st.caption(f"In the difference, grey is no change. {size_words(summary)}")
    _after_rounding(record, result)


def perturbation_plane(pair: PairResult) -> None:
    """The loss plane through A, K and K′."""
    st.subheader("The plane of the attack", anchor=False)
    arrays = pair.arrays
    if "attack_plane_loss" not in arrays:
        st.caption("No plane was asked for. Set its resolution under More settings.")
        return
    chart, data = attack_plane(arrays, pair.threshold, pair.classes)
    chart_block(
        chart,
        data,
        name=f"isthmus-attack-plane-{pair.key[:8]}",
        alt_text="Map of the loss in the plane through A, K and K prime: the attack takes K, where the "
        "loss of A's class is high, to K prime, where it is low",
        key=DESK.key("attack_plane"),
        note="Loss with respect to A's class. Every point is a picture: A, plus a step towards K′, plus "
        "a step towards K. White lines part regions that the classifier sees as different classes; the "
        "vertical axis is stretched.",
    )


def attack_steps(pair: PairResult) -> None:
    """How the loss fell as the attack went, for attacks that keep count of it."""
    st.subheader("The attack, look by look", anchor=False)
    table = pair.tables["attack_trace"]
    if table.empty:
        name = ATTACKS[pair.summary["attack"]["name"]].title
        st.caption(f"{name} keeps no trace of the loss. Targeted Adam does.")
        return
    chart, data = attack_trace(table)
    chart_block(
        chart,
        data,
        name=f"isthmus-attack-{pair.key[:8]}",
        alt_text="Loss of K with respect to A's class at every look of the attack",
        key=DESK.key("attack_trace"),
        note="Loss with respect to A's class. Where it is all but zero, one look stands for several "
        "steps.",
    )


def _seen(summary: dict[str, Any]) -> tuple[str, str]:
    source, attack = summary["source"], summary["attack"]
    return (
        f"{source['class']}, {share(source['probability'])}",
        f"{summary['classes'][attack['prediction']]}, {share(attack['probability'])}",
    )


def _after_rounding(record: Record, result: np.ndarray) -> None:
    words = eight_bit_words(record.summary)
    if record.summary["attack"]["eight_bit"]["success"]:
        st.info(words, icon=":material/verified:")
    else:
        st.warning(words, icon=":material/warning:")
    stem = f"isthmus-K-prime-{record.key[:8]}"
    with st.grid("auto", min_column_width=175):
        file_button(
            "K′ (PNG)",
            lambda: encode_png(to_bytes(result)),
            f"{stem}.png",
            "image/png",
            DESK.key("adversarial"),
            "Lossless, with 8 bits a channel. " + words,
        )
        file_button(
            "K′ (NPY)",
            lambda: as_npy(result),
            f"{stem}.npy",
            "application/octet-stream",
            DESK.key("adversarial"),
            "Exact: float32, (channels, height, width), for numpy.load.",
        )
        if st.button(
            "Ask the detector",
            icon=":material/policy:",
            key=DESK.key("ask"),
            width="stretch",
            help="Whether K′ is told from K and A, each as the 8-bit picture that a file would hold.",
        ):
            _ask_detector(record)


def _ask_detector(record: Record) -> None:
    """Go to the detector's page with the pictures of an attack."""
    query = question(
        kept(record.found(AdversarialResult).pictures), record.spec.to_dict()["classifier"]
    )
    st.switch_page("pages/detector/page.py", query_params=query)
