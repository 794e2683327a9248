"""What is benchmarked: classifier and images, attacks, detectors, and the settings of each."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from engine.attacks import ATTACKS
from engine.experiments.detection.contestants import CONTESTANTS
from engine.experiments.detection.detection import Detection
from pages.detector.benchmark.state import FORM
from pages.shared.form import attribute, folded, pairs

FOLDED = (
    "split",
    "attack.survive",
    "cw_images",
    "splits",
    "references",
    "learning",
    "choosing",
    "seed",
)


def choice() -> tuple[Detection | None, DeltaGenerator]:
    """The widgets; what they describe, None where a value is out of range; and a place for the button."""
    with st.grid(3, min_column_width=180, vertical_alignment="bottom"):
        FORM.draw("classifier", "dataset", "images")
    with st.grid(2, min_column_width=260, vertical_alignment="bottom"):
        attacks = FORM["attacks"].draw(titles={name: one.title for name, one in ATTACKS.items()})
        titles = {name: one.title for name, one in CONTESTANTS.items()}
        detectors = FORM["detectors"].draw(titles=titles)
    row = st.container(horizontal=True, vertical_alignment="center")
    place = row.container(width="content")
    with row:
        more = folded("bm_more")
    if more:
        with more:
            with pairs():
                FORM.draw(*FOLDED)
            for name in attacks:
                FORM.section(ATTACKS[name].title, f"attack.{attribute(name)}")
            for name in dict.fromkeys(attribute(CONTESTANTS[name].detector) for name in detectors):
                _settings(name)
    return FORM.spec(), place


def _settings(name: str) -> None:
    """The settings of a detector; which variant it is, the choice of detectors says."""
    names = [one for one in FORM.settings if one.startswith(f"settings.{name}.")]
    names = [one for one in names if not one.endswith(".variant")]
    FORM.section(FORM.help(f"settings.{name}").rstrip("."), *names)
