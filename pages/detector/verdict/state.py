"""What the view remembers: its widgets' names, the images to judge, what is known of their files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import streamlit as st

from engine.experiments.detection.verdict import MOST, Verdict
from engine.experiments.images.references import image_words, is_named
from engine.records import Record
from pages.shared import address, service
from pages.shared.form import Form
from pages.shared.link import Link, Linked
from pages.shared.uploads import kept, uploaded
from pages.shared.words import capitalised

PREFIX = "dt"
FORM = Form(Verdict, PREFIX, {"benchmark": PREFIX}, ("benchmark.classifier", "false_alarms"))
CLASSIFIER, ALARMS = FORM["benchmark.classifier"], FORM["false_alarms"]
IMAGE = "image"
"""The query parameter that brings images."""

IMAGES, PROBLEMS, NOTES, BROUGHT = "dt_images", "dt_problems", "dt_notes", "dt_brought"
LOOKED_AT = "dt_look"
"""The widget that says which of several images is explained."""


def key_of(name: str) -> str:
    """The key of the widget for a field."""
    return f"{PREFIX}_{name}"


def images() -> list[str]:
    """References to the images to judge."""
    return st.session_state.setdefault(IMAGES, [])


def judge(references: Sequence[str], problems: Sequence[str] = ()) -> None:
    """Judge these images from now on, each once; says what is wrong with others (`problems`)."""
    wanted = list(dict.fromkeys(references))
    said = list(problems)
    if len(wanted) > MOST:
        said.append(
            f"{len(wanted)} images came, and at most {MOST} are judged at a time: these are the first "
            f"{MOST}. Judge the others afterwards, or all from a shell."
        )
    st.session_state[IMAGES] = wanted[:MOST]
    st.session_state[PROBLEMS] = said
    st.session_state.pop(LOOKED_AT, None)
    LINK.leave()


def follow_address() -> None:
    """Take the images that the address brings (`?image=upload:DIGEST,37&image=file:my cat.png`), once."""
    brought = st.query_params.get_all(IMAGE)
    if not brought:
        return
    if st.session_state.get(BROUGHT) == brought:
        return
    st.session_state[BROUGHT] = brought
    # A file's name may hold what keeps others apart, so a file has a parameter of its own.
    some = [[one] if one.startswith("file:") else one.replace(",", " ").split() for one in brought]
    judge([reference for references in some for reference in references])


def question(references: Sequence[str], classifier: str) -> dict[str, str]:
    """What the address says to have images judged for a classifier."""
    return {IMAGE: ",".join(references), CLASSIFIER.key: classifier}


def notes() -> dict[str, tuple[str, ...]]:
    """Digest of an upload -> what must be said of its file."""
    return st.session_state.setdefault(NOTES, {})


def notes_of(reference: str) -> tuple[str, ...]:
    """What must be said of the file that an image came from."""
    return notes().get(reference.removeprefix("upload:"), ())


def name_of(reference: str) -> str:
    """What an image is called: the name of its file, or its number in the set."""
    name = uploaded().get(reference.removeprefix("upload:"))
    words = name or image_words(reference)
    return words if name or is_named(reference) else capitalised(words)


def _more(found: Linked) -> Mapping[str, Any]:
    """The images of a verdict."""
    assert isinstance(found.spec, Verdict)
    return {IMAGES: list(found.spec.images), PROBLEMS: []}


def _example() -> Record | None:
    """The shipped verdicts on the default classifier's images, unless images are given already."""
    if images() or IMAGE in st.query_params:
        return None
    for record in service.shipped(Verdict.kind):
        spec = record.spec.to_dict()
        if spec["benchmark"]["classifier"] == CLASSIFIER.start:
            return record
    return None


LINK = Link(
    PREFIX,
    (FORM,),
    more=_more,
    example=_example,
    fleeting=(IMAGE,),
)


def ask(pictures: Mapping[str, np.ndarray] | None, classifier: str) -> None:
    """Have pictures judged, name -> float32 (C, H, W), each as the 8-bit file that would hold it."""
    if pictures:
        address.go("detector", question(kept(pictures), classifier))
