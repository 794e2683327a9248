"""Files that somebody uploads: read safely, kept, and what about them makes a verdict doubtful."""

from __future__ import annotations

import streamlit as st
from streamlit.typing import UploadedFile

from pages.detector.verdict.state import PROBLEMS, judge, key_of, notes
from pages.shared.mode import mode
from pages.shared.uploads import take
from pages.shared.words import plain

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
        st.error(plain(problem), icon=":material/broken_image:")
    if len(said) > SHOWN:
        st.error(f"And {len(said) - SHOWN} more files could not be read.")


def _taken() -> None:
    """Read what came, and judge all that can be read."""
    files: list[UploadedFile] = st.session_state[key_of("files")] or []
    taken = take(files)
    pictures = [each for each in taken if each.digest]
    notes().update({each.digest: each.notes for each in pictures})
    problems = [each.problem for each in taken if each.problem]
    judge([f"upload:{each.digest}" for each in pictures], problems)
