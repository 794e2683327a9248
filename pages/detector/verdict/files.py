"""Files that somebody uploads: read safely, kept, and what about them makes a verdict doubtful."""

from __future__ import annotations

from collections.abc import Iterator

import streamlit as st
from PIL import Image
from streamlit.typing import UploadedFile

from engine.decoding import open_picture
from engine.errors import IsthmusError
from pages.detector.verdict.state import PROBLEMS, judge, key_of, notes
from pages.shared.mode import mode
from pages.shared.uploads import read, uploaded

LOSSLESS_WEBP = b"VP8L"
GREY_MODES = ("1", "L", "LA", "La", "I;16", "I;16B", "I;16L", "I;16N")
GREY = "It is grey: its one channel has been repeated as red, green and blue."
SHOWN = 5
"""Of more problems only these are written out."""


def upload_box() -> None:
    """The control that takes images, and what was wrong with those that were refused."""
    st.file_uploader(
        "Images to judge",
        type="image",
        accept_multiple_files=True,
        max_upload_size=mode().upload_mb,
        key=key_of("files"),
        on_change=_taken,
        help="PNG, JPEG, WebP, HEIC, AVIF, BMP, TIFF or a still GIF, up to 200 at a time. Send the file "
        "itself, uncompressed as a PNG if you can: a screenshot or a JPEG has lost much of what an attack "
        "leaves.",
    )
    if mode().hosted:
        st.caption("Your images are seen only by you and by those who have the result's link.")


def problems() -> None:
    """What was wrong with images that were given."""
    said = st.session_state.get(PROBLEMS, [])
    for problem in said[:SHOWN]:
        st.error(problem, icon=":material/broken_image:")
    if len(said) > SHOWN:
        st.error(f"And {len(said) - SHOWN} more files could not be read.")


def notes_on(data: bytes) -> tuple[str, ...]:
    """What must be said of a picture file that could be read, each in a sentence."""
    with open_picture(data) as picture:
        return tuple(_notes(picture, data))


def _notes(picture: Image.Image, data: bytes) -> Iterator[str]:
    kind = picture.format
    lossy_webp = kind == "WEBP" and LOSSLESS_WEBP not in data[:64]
    if kind == "JPEG" or lossy_webp:
        name = "WebP" if lossy_webp else "JPEG"
        yield (
            f"It comes as a {name}: compression changes what an attack leaves, and may look like an "
            "attack where there is none."
        )
    if picture.mode == "P":
        yield "It has a palette of at most 256 colours: what an attack leaves may be lost in it."
    if picture.mode in GREY_MODES:
        yield GREY
    if picture.has_transparency_data:
        yield "It is partly transparent: it has been laid on white."


def _taken() -> None:
    """Read what came, and judge all that can be read."""
    files: list[UploadedFile] = st.session_state[key_of("files")] or []
    problems, references = [], []
    for file in files:
        data = file.getvalue()
        try:
            digest = read(file.name, data, mode().upload_mb)
        except IsthmusError as error:
            problems.append(str(error))
            continue
        uploaded()[digest] = file.name
        notes()[digest] = notes_on(data)
        references.append(f"upload:{digest}")
    judge(references, problems)
