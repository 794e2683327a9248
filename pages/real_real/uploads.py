"""One's own pictures: read safely in this process, kept in the store, put into the slots."""

from __future__ import annotations

import streamlit as st
from streamlit.typing import UploadedFile

from engine.errors import ImageError, IsthmusError
from engine.images import decode
from pages.real_real import state
from pages.shared import service
from pages.shared.mode import mode

MEGABYTE = 2**20


def upload_control() -> None:
    """The control that takes one or two pictures, and what was wrong with those that were refused."""
    with st.popover("Use your own pictures", icon=":material/upload:", key="rr_own"):
        st.file_uploader(
            "One or two pictures that the classifier sees as the same class",
            type="image",
            accept_multiple_files=True,
            max_upload_size=mode().upload_mb,
            key="rr_upload",
            on_change=_taken,
            help="PNG, JPEG, WebP, BMP, TIFF or a still GIF. They are scaled and cropped as the "
            "classifier needs. With one, the other is the picture of its class with the lowest loss.",
        )
        if mode().hosted:
            st.caption(
                "Your pictures are seen only by you and by those who have the result's link."
            )
        for problem in st.session_state.get("rr_upload_problems", []):
            st.error(problem, icon=":material/broken_image:")


def uploaded() -> dict[str, str]:
    """The pictures of this session: digest -> name of the file."""
    pictures: dict[str, str] = st.session_state.setdefault("rr_uploaded", {})
    return pictures


def read(name: str, data: bytes, limit_mb: int) -> str:
    """Keep one picture in the store; returns its digest. ImageError says what is wrong with it."""
    if len(data) > limit_mb * MEGABYTE:
        raise ImageError(
            f"{name} has {len(data) / MEGABYTE:.1f} MB; this server takes {limit_mb} MB at most. "
            "Save it smaller."
        )
    return service.store().put_image(decode(data, name))


def _taken() -> None:
    """Read what came; the last two that are pictures go into the slots."""
    files: list[UploadedFile] = st.session_state["rr_upload"] or []
    problems, digests = [], []
    for file in files:
        try:
            digest = read(file.name, file.getvalue(), mode().upload_mb)
        except IsthmusError as error:
            problems.append(str(error))
            continue
        uploaded()[digest] = file.name
        digests.append(digest)
    st.session_state["rr_upload_problems"] = problems
    if digests:
        references = [f"upload:{digest}" for digest in digests[-2:]]
        state.choose("first", references[0])
        state.choose("second", references[1] if len(references) > 1 else "")
