"""What the view remembers: its widgets' names, and how a result fills them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import streamlit as st

from engine.experiments.base import Spec
from engine.experiments.detection.detection import Detection
from engine.parameters import Parameters, fields_of
from pages.detector.linked import Links
from pages.shared.controls import shown

PREFIX = "bm"


def key_of(name: str) -> str:
    """The key of the widget for a field."""
    return f"{PREFIX}_{name}"


def untouched() -> bool:
    """Whether nobody has chosen anything yet, neither here nor in the address."""
    names = [key_of(name) for name in ("classifier", "dataset", "images", "attacks", "detectors")]
    return not any(name in st.session_state or name in st.query_params for name in names)


def _adopt(spec: Spec) -> None:
    """Fill the widgets with what a benchmark was made from."""
    assert isinstance(spec, Detection)
    for name, value in _values(spec, PREFIX):
        st.session_state[name] = value


def _values(values: Parameters, prefix: str) -> Iterator[tuple[str, Any]]:
    """Names and values of the widgets, however deep settings are nested."""
    for field in fields_of(type(values)):
        value = getattr(values, field.name)
        if isinstance(value, Parameters):
            yield from _values(value, f"{prefix}_{field.name}")
        elif field.name != "method":
            yield f"{prefix}_{field.name}", shown(field, value)


LINKS = Links(PREFIX, Detection, _adopt)
