"""A view that measures many images: choose, know what it takes, measure, look."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from engine.experiments.base import Spec
from engine.records import Record
from pages.shared import service
from pages.shared.fitting import fits
from pages.shared.image_sets import ready
from pages.shared.link import Link, Linked
from pages.shared.shell import told


@dataclass(frozen=True)
class Sweep:
    """What such a view has of its own.

    `choose` draws the widgets and returns the spec that they describe, None where it is wrong, and a
    place for the button; `box` stands on the fold that they are in. `effort` says what a spec takes,
    `enough` how many images show something. `splits` are the parts of the set that a spec needs. `draw`
    draws what one sees first of a result, above the fold, and returns what draws the rest.
    """

    link: Link
    box: str
    choose: Callable[[], tuple[Spec | None, DeltaGenerator]]
    splits: Callable[[Any], Sequence[str]]
    effort: Callable[[Any], None]
    draw: Callable[[Record], Callable[[], None]]
    enough: str

    def view(self, found: Linked) -> None:
        """Everything below the introduction."""
        if found.job:
            self.link.running(found.job)
        shown = bool(found.record or found.job)
        key = self.link.key("box" if shown else "box_open")
        lead = st.container()
        box = st.expander(self.box, not shown, icon=":material/tune:", key=key, on_change="rerun")
        fit = True
        if box.open:
            with box, told():
                fit = self._controls(found)
        if found.record:
            with told():
                with lead:
                    rest = self.draw(found.record)
                rest()
        elif fit and not found.job:
            st.info(
                "Nothing is measured yet with these settings. Parts are stored as they are done, so "
                f"measuring can be stopped and taken up again. {self.enough}",
                icon=":material/monitoring:",
            )

    def _controls(self, found: Linked) -> bool:
        """The widgets and the button; whether the image set fits the classifier, as far as is known."""
        spec, place = self.choose()
        values = spec.to_dict() if spec else {}
        if spec and ready(spec, values["dataset"], self.splits(spec), key=self.link.key("fetch")):
            names = values["classifier"], values["dataset"], values["split"]
            keys = self.link.key("classifier"), self.link.key("dataset")
            if not fits(names, keys, self.link.leave):
                return False
            self._measure(spec, place, found)
        return True

    def _measure(self, spec: Spec, place: DeltaGenerator, found: Linked) -> None:
        """The button that starts, and what that takes; what is stored is shown where nothing else is."""
        same = found.spec == spec
        stored = service.found(spec) if not same else None
        if stored and self.link.shown is None:
            self.link.start(spec)
        pressed = place.button(
            "Open" if stored else "Measure",
            type="primary",
            icon=":material/folder_open:" if stored else ":material/monitoring:",
            key=self.link.key("measure"),
            disabled=same,
            help="Opens the stored result."
            if stored
            else "It can be stopped, and goes on later from what is done.",
        )
        if same:
            st.caption(":material/info: These are the settings of what is shown below.")
        elif stored:
            st.caption(":material/info: A result with these settings is stored already.")
        else:
            if found.spec:
                st.caption(":material/info: The settings differ from those of what is shown below.")
            self.effort(spec)
        if pressed:
            self.link.start(spec)
