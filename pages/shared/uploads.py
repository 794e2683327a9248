"""One's own pictures: read safely in this process, kept in the store, put into the slots."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest

import streamlit as st
from streamlit.typing import UploadedFile

from engine.errors import ImageError, IsthmusError
from engine.images import decode
from pages.shared import service
from pages.shared.desk import Desk
from pages.shared.mode import mode

MEGABYTE = 2**20


def upload_control(desk: Desk, slots: Sequence[str], label: str, note: str) -> None:
    """The control that takes pictures into `slots`, and what was wrong with those that were refused.

    `label` says which pictures are meant, `note` what becomes of the slots that get none.
    """
    title = "Use your own pictures" if len(slots) > 1 else "Use your own picture"
    with st.popover(title, icon=":material/upload:", key=desk.key("own")):
        st.file_uploader(
            label,
            type="image",
            accept_multiple_files=True,
            max_upload_size=mode().upload_mb,
            key=desk.key("upload"),
            on_change=_taken,
            args=(desk, slots),
            help="PNG, JPEG, WebP, BMP, TIFF or a still GIF. They are scaled and cropped as the "
            f"classifier needs. {note}",
        )
        if mode().hosted:
            st.caption(
                "Your pictures are seen only by you and by those who have the result's link."
            )
        for problem in st.session_state.get(desk.key("upload_problems"), []):
            st.error(problem, icon=":material/broken_image:")


def uploaded() -> dict[str, str]:
    """The pictures of this session: digest -> name of the file."""
    pictures: dict[str, str] = st.session_state.setdefault("isthmus_uploaded", {})
    return pictures


def read(name: str, data: bytes, limit_mb: int) -> str:
    """Keep one picture in the store; returns its digest. ImageError says what is wrong with it."""
    if len(data) > limit_mb * MEGABYTE:
        raise ImageError(
            f"{name} has {len(data) / MEGABYTE:.1f} MB; this server takes {limit_mb} MB at most. "
            "Save it smaller."
        )
    return service.store().put_image(decode(data, name))


def _taken(desk: Desk, slots: Sequence[str]) -> None:
    """Read what came; the last ones that are pictures go into the slots, which are emptied if too few."""
    files: list[UploadedFile] = st.session_state[desk.key("upload")] or []
    problems, digests = [], []
    for file in files:
        try:
            digest = read(file.name, file.getvalue(), mode().upload_mb)
        except IsthmusError as error:
            problems.append(str(error))
            continue
        uploaded()[digest] = file.name
        digests.append(digest)
    st.session_state[desk.key("upload_problems")] = problems
    if digests:
        references = [f"upload:{digest}" for digest in digests[-len(slots) :]]
        for slot, reference in zip_longest(slots, references, fillvalue=""):
            desk.choose(slot, reference)
