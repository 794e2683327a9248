"""What the page remembers: its widgets' names, the result that its link names, the pair that is chosen."""

from __future__ import annotations

from dataclasses import dataclass, replace

import streamlit as st

from engine.experiments.real_real import RealReal
from engine.finders.settings import ConnectSettings
from engine.records import Record

RUN = "run"
"""The query parameter that names a result."""

PICTURES = {"first": "A", "second": "C"}
"""Field of the spec -> letter of the picture."""

STRAIGHT_ONLY = ConnectSettings(rounds=0)


@dataclass(frozen=True)
class Choice:
    """Two pictures of one class; a reference "" leaves the choice to the engine."""

    classifier: str
    dataset: str
    split: str
    label: str
    first: str
    second: str

    def spec(self, **more: object) -> RealReal:
        """The experiment on this pair. The class matters only where the engine chooses both."""
        label = self.label if not self.first and not self.second else ""
        values = {"classifier": self.classifier, "dataset": self.dataset, "split": self.split}
        return RealReal.from_dict(
            {**values, "label": label, "first": self.first, "second": self.second, **more}
        )

    def straight(self) -> RealReal:
        """The straight path alone."""
        return replace(self.spec(plane_resolution=0), connect=STRAIGHT_ONLY)


def shown() -> str | None:
    """The key in the page's link, if there is one."""
    return st.query_params.get(RUN)


def leave() -> None:
    """Forget the result that the link names; called when another pair is chosen."""
    st.query_params.pop(RUN, None)
    st.session_state.pop("rr_adopted", None)


def show(key: str) -> None:
    """Make the page's link name a result that this page's own widgets describe."""
    st.query_params[RUN] = key
    st.session_state["rr_adopted"] = key


def choose(slot: str, reference: str) -> None:
    """Put a picture into a slot."""
    st.session_state[f"rr_{slot}"] = reference or None
    leave()


def other_set() -> None:
    """Called when classifier, set or class change: the pictures chosen so far belong to the old one."""
    for slot in PICTURES:
        st.session_state[f"rr_{slot}"] = None
    leave()


def adopt(key: str, spec: RealReal, record: Record | None) -> None:
    """Fill the widgets with what a result was made from, once for each link."""
    if st.session_state.get("rr_adopted") == key:
        return
    st.session_state["rr_adopted"] = key
    for name in ("classifier", "dataset", "split"):
        st.session_state[f"rr_{name}"] = getattr(spec, name)
    for slot in PICTURES:
        source = record.summary[slot]["source"] if record else getattr(spec, slot)
        st.session_state[f"rr_{slot}"] = source or None
    st.session_state["rr_label"] = record.summary["target_name"] if record else spec.label or None
    for values in (spec.connect.to_dict(), {"points": spec.points}):
        for name, value in values.items():
            st.session_state[f"rr_{name}"] = value
    st.session_state["rr_plane_resolution"] = spec.plane_resolution
