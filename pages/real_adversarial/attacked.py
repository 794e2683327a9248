"""K, K′ and what the attack changed: pictures, norms, what 8 bits do to it, and K′ as files."""

from __future__ import annotations

import streamlit as st

from engine.attacks import ATTACKS
from engine.experiments.pair.results import AdversarialResult
from engine.images import encode_png, to_bytes
from engine.records import Record
from pages.detector.verdict.state import ask
from pages.real_adversarial.desk import DESK
from pages.real_adversarial.sentences import eight_bit_words, size_words
from pages.real_adversarial.steps import attack_steps
from pages.shared.chart_block import chart_block
from pages.shared.downloads import File, file_button
from pages.shared.figures import attack_trace
from pages.shared.living_map import attack_map
from pages.shared.pair.drawing import map_tools, unmapped


def attacked(record: Record, pair: AdversarialResult) -> None:
    """The attack step by step, the size of what it changed, and K′ as files."""
    attack_steps(record, key=DESK.key("steps"))
    st.caption(f"{ATTACKS[pair.attack.name].title}. {size_words(pair.attack)}")
    _after_rounding(record, pair)


def perturbation_plane(pair: AdversarialResult) -> None:
    """The loss plane through A, K and K′."""
    st.header("The plane of the attack", anchor=False)
    if "attack_plane_loss" not in pair.arrays:
        st.caption(unmapped(pair, "plane"))
        return
    key = DESK.key("attack_plane")
    ask(attack_map(pair, key=key), pair.spec.classifier)
    st.caption("Loss with respect to A's class: the attack takes K, where it is high, to K′.")
    map_tools(pair, "attack_", key=key)


def attack_loss(pair: AdversarialResult) -> None:
    """How the loss fell as the attack went, for attacks that keep count of it."""
    st.header("The loss of the attack", anchor=False)
    table = pair.attack_trace
    if table.empty:
        name = ATTACKS[pair.attack.name].title
        st.caption(f"{name} keeps no trace of the loss. Targeted Adam does.")
        return
    chart_block(
        attack_trace(table),
        "Where the loss is all but zero, one look stands for several steps.",
        key=DESK.key("attack_trace"),
        of=pair.key[:8],
    )


def _after_rounding(record: Record, pair: AdversarialResult) -> None:
    words = eight_bit_words(pair.summary)
    if not pair.attack.eight_bit["success"]:
        st.warning(words, icon=":material/warning:")
    with st.grid("auto", min_column_width=165):
        for file in (
            File(
                "K′ (PNG)",
                ".png",
                lambda: encode_png(to_bytes(pair.adversarial)),
                f"Lossless, with 8 bits a channel. {words}",
            ),
            File(
                "K′ (NPY)",
                ".npy",
                lambda: pair.adversarial,
                "Exact: float32, (channels, height, width), for numpy.load.",
            ),
        ):
            file_button(file, f"isthmus-K-prime-{record.key[:8]}", DESK.key("adversarial"))
        if st.button(
            "Ask the detector",
            icon=":material/policy:",
            key=DESK.key("ask"),
            width="stretch",
            help="Whether K′ is told from K and A, each as the 8-bit picture that a file would hold.",
        ):
            ask(pair.pictures, pair.spec.classifier)
