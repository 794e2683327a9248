"""Images to judge: files that somebody sends, pictures of the set, an attacked example."""

from __future__ import annotations

import numpy as np
import streamlit as st
from streamlit.typing import UploadedFile

from engine.experiments.detection.detection import Detection
from engine.experiments.detection.verdict import MOST
from engine.parameters import LONGEST
from pages.detector.verdict.state import PROBLEMS, images, judge, key_of, notes
from pages.shared.image_sets import image_set
from pages.shared.picker import picker
from pages.shared.thumbnails import Sources, picture_of, thumbnails
from pages.shared.uploads import problem_box, take, upload_box


def images_box() -> None:
    """The control that takes images."""
    upload_box(
        "Images to judge",
        key_of("files"),
        _taken,
        ", up to 200 at a time. Send the file itself, uncompressed as a PNG if you can: a screenshot or a "
        "JPEG has lost much of what an attack leaves.",
    )


def problems() -> None:
    """What was wrong with images that were given."""
    problem_box(st.session_state.get(PROBLEMS, []))


def _taken() -> None:
    """Read what came, and judge all that can be read."""
    files: list[UploadedFile] = st.session_state[key_of("files")] or []
    taken = take(files)
    pictures = [each for each in taken if each.digest]
    notes().update({each.digest: each.notes for each in pictures})
    problems = [each.problem for each in taken if each.problem]
    judge([f"upload:{each.digest}" for each in pictures], problems)


OFFERED = 48
AT_RANDOM = 10
SLOT = "image"


def offers(spec: Detection) -> None:
    """The controls beside the upload: from the set, an example, an attack of one's own."""
    sources = (spec.classifier, spec.dataset, spec.split)
    with st.container(horizontal=True):
        popover = st.popover(
            "From the image set",
            icon=":material/photo_library:",
            key=key_of("set"),
            on_change="rerun",
        )
        if popover.open:
            with popover:
                _from_set(sources)
        st.button(
            "One and its attack",
            icon=":material/science:",
            key=key_of("example"),
            on_click=_one_and_its_attack,
            args=(len(image_set(*sources)),),
            help="A picture of the set drawn at random, and the same after PGD.",
        )
    st.page_link(
        "pages/real_adversarial/page.py",
        label="Attack a picture first",
        icon=":material/masks:",
        help="Make an adversarial picture, and send it here with Ask the detector.",
    )


def numbers_in(words: str, count: int) -> tuple[list[str], list[str]]:
    """The images that "3, 7 10-12" names in a set of `count`, and what is wrong with the rest of it."""
    found: list[str] = []
    wrong = []
    for word in words.replace(",", " ").replace("–", "-").split():
        first, dash, last = word.partition("-")
        span = [first, last] if dash else [first, first]
        if not all(end.isdecimal() and int(end) < count for end in span):
            wrong.append(f"{word}: expected a number from 0 to {count - 1}, or two such as 10-19.")
            continue
        # One more than are judged is enough to say that there are too many.
        begin, end = int(span[0]), min(int(span[1]), int(span[0]) + MOST)
        found += [str(number) for number in range(begin, end + 1)]
    return found, wrong


def _from_set(sources: Sources) -> None:
    count = len(image_set(*sources))
    st.text_input(
        "By number",
        key=key_of("numbers"),
        placeholder="37, 120, 300-309",
        max_chars=LONGEST,
        on_change=_by_number,
        args=(count,),
        help=f"Numbers from 0 to {count - 1}, or ranges of them.",
    )
    st.button(
        f"{AT_RANDOM} at random",
        icon=":material/casino:",
        key=key_of("random"),
        on_click=_at_random,
        args=(count,),
    )
    spread = np.linspace(0, count - 1, min(OFFERED, count)).round().astype(int)
    offered = thumbnails(sources, tuple(int(index) for index in spread), {})
    first = next((one for one in images() if one.isdecimal()), "")
    shown = picture_of(sources, first or offered[0].ref, offered)
    picker(offered, {SLOT: ("X", shown)}, key=key_of("picker"), on_choice=_clicked)


def _clicked(slot: str, reference: str) -> None:
    judge([reference])


def _by_number(count: int) -> None:
    judge(*numbers_in(st.session_state[key_of("numbers")] or "", count))


def _at_random(count: int) -> None:
    drawn = np.random.default_rng().choice(count, min(AT_RANDOM, count), replace=False)
    judge([str(number) for number in drawn])


def _one_and_its_attack(count: int) -> None:
    number = np.random.default_rng().integers(count)
    judge([str(number), f"pgd:{number}"])
