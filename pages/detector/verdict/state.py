"""What the view remembers: its widgets' names, the images to judge, what is known of their files."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from engine.experiments.base import Spec
from engine.experiments.detection.verdict import MOST, Verdict
from engine.experiments.images.references import image_words
from pages.detector.linked import Links
from pages.shared.handover import CLASSIFIER, IMAGE
from pages.shared.uploads import uploaded

PREFIX = "dt"
IMAGES, PROBLEMS, NOTES = "dt_images", "dt_problems", "dt_notes"
LOOKED_AT = "dt_look"
"""The widget that says which of several images is explained."""


def key_of(name: str) -> str:
    """The key of the widget for a field."""
    return f"{PREFIX}_{name}"


def images() -> list[str]:
    """References to the images to judge."""
    given: list[str] = st.session_state.setdefault(IMAGES, [])
    return given


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
    LINKS.leave()


def follow_address() -> None:
    """Take the images that the address brings (`?image=upload:DIGEST,37&image=file:my cat.png`), once."""
    brought = st.query_params.get_all(IMAGE)
    if not brought:
        return
    st.query_params.pop(IMAGE, None)
    # A file's name may hold what keeps others apart, so a file has a parameter of its own.
    some = [[one] if one.startswith("file:") else one.replace(",", " ").split() for one in brought]
    judge([reference for references in some for reference in references])


def untouched() -> bool:
    """Whether nobody has given or chosen anything yet, neither here nor in the address."""
    names = [CLASSIFIER, IMAGES, IMAGE]
    return not any(name in st.session_state or name in st.query_params for name in names)


def notes() -> dict[str, tuple[str, ...]]:
    """Digest of an upload -> what must be said of its file."""
    known: dict[str, tuple[str, ...]] = st.session_state.setdefault(NOTES, {})
    return known


def notes_of(reference: str) -> tuple[str, ...]:
    """What must be said of the file that an image came from."""
    return notes().get(reference.removeprefix("upload:"), ())


def name_of(reference: str) -> str:
    """What an image is called: the name of its file, or its number in the set."""
    name = uploaded().get(reference.removeprefix("upload:"))
    words = name or image_words(reference)
    return words[0].upper() + words[1:] if not name else words


def _adopt(spec: Spec) -> None:
    """Fill the widgets with what a verdict was made from."""
    assert isinstance(spec, Verdict)
    st.session_state[CLASSIFIER] = spec.benchmark.classifier
    st.session_state[key_of("false_alarms")] = spec.false_alarms
    if st.session_state.get(IMAGES) != list(spec.images):
        st.session_state[IMAGES] = list(spec.images)
        st.session_state[PROBLEMS] = []


LINKS = Links(PREFIX, Verdict, _adopt)
