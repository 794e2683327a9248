"""What is benchmarked: classifier and images, attacks, detectors, and the settings of each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from engine.attacks import ATTACKS
from engine.attacks.settings import AttackSettings
from engine.detectors.settings import DetectorSettings
from engine.errors import ParameterError, UnknownNameError
from engine.experiments.detection.contestants import CONTESTANTS
from engine.experiments.detection.detection import Detection
from engine.experiments.detection.protocol import PUBLISHED
from engine.parameters import fields_of
from pages.detector.benchmark.state import PREFIX, key_of
from pages.shared.choice import classifier_box, set_box
from pages.shared.controls import fields_named, widgets
from pages.shared.fitting import bring_own_set, follow_address

FOLDED = ("cw_images", "splits", "references", "learning", "choosing", "seed")
SOURCES = key_of("classifier"), key_of("dataset")
"""The widgets for classifier and image set."""

CHOSEN_ELSEWHERE = ("variant", "method")
"""Settings that another control decides on."""


def choice() -> tuple[Detection | None, DeltaGenerator]:
    """The widgets; what they describe, None where a value is out of range; and a place for the button."""
    with st.grid(3, min_column_width=180, vertical_alignment="bottom"):
        values = {**_sources(), **widgets(fields_named(Detection, ("images",)), PREFIX)}
    with st.grid(2, min_column_width=260, vertical_alignment="bottom"):
        attacks = _several("Attacks", "attacks", ATTACKS, PUBLISHED)
        detectors = _several("Detectors", "detectors", CONTESTANTS, tuple(CONTESTANTS))
    row = st.container(horizontal=True, vertical_alignment="center")
    place = row.container(width="content")
    with row.popover("More settings", icon=":material/tune:", key=key_of("more")):
        values |= _folded()
        values["attack"] = _settings(AttackSettings(), "attack", attacks)
        chosen = dict.fromkeys(CONTESTANTS[name].detector for name in detectors)
        values["settings"] = _settings(DetectorSettings(), "settings", chosen)
    values |= {"attacks": attacks, "detectors": detectors}
    try:
        return Detection(**values), place
    except (ParameterError, UnknownNameError) as error:
        st.error(str(error), icon=":material/error:")
        return None, place


def _sources() -> dict[str, Any]:
    """Widgets for classifier and image set."""
    usual = Detection()
    follow_address(SOURCES)
    return {
        "classifier": classifier_box(SOURCES[0], usual.classifier, lambda: bring_own_set(SOURCES)),
        "dataset": set_box(SOURCES[1], usual.dataset),
    }


def _several(
    label: str, name: str, offered: Mapping[str, Any], usual: tuple[str, ...]
) -> list[str]:
    """A widget for several names, in the order in which they were chosen."""
    chosen = st.multiselect(
        label,
        list(offered),
        default=list(usual),
        format_func=lambda one: str(offered[one].title),
        key=key_of(name),
        help=f"Of all {len(offered)}; those of the paper's benchmark, or all, are chosen at first.",
    )
    return list(chosen)


def _folded() -> dict[str, Any]:
    with st.grid(2, min_column_width=150, vertical_alignment="bottom"):
        split = st.selectbox(
            "Part",
            ("test", "train"),
            key=key_of("split"),
            bind="query-params",
            help="Test pictures were not used in training.",
        )
        return {"split": split, **widgets(fields_named(Detection, FOLDED), PREFIX)}


def _settings(start: Any, group: str, names: Iterable[str]) -> Any:
    """Settings of several attacks or detectors, each under its title; others stay as they start."""
    changed = {}
    for name in names:
        method = start.kin[name]
        own = method.group()
        fields = [f for f in fields_of(own.type) if f.name not in CHOSEN_ELSEWHERE]
        if not fields:
            continue
        st.markdown(f"**{method.title}**")
        with st.grid(2, min_column_width=150, vertical_alignment="bottom"):
            changed[own.name] = widgets(fields, f"{PREFIX}_{group}_{own.name}")
    return start.updated(changed)
