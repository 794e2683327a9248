"""One's own pictures for the slots of a pair."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest

import streamlit as st
from streamlit.typing import UploadedFile

from pages.shared.mode import mode
from pages.shared.pair.desk import Desk
from pages.shared.uploads import take
from pages.shared.words import plain


def upload_control(desk: Desk, slots: Sequence[str], label: str, note: str) -> None:
    """The control that takes pictures into `slots`, and what was wrong with those that were refused.

    `label` says which pictures are meant, `note` what becomes of the slots that get none.
    """
    st.file_uploader(
        label,
        type="image",
        accept_multiple_files=True,
        max_upload_size=mode().upload_mb,
        key=desk.key("upload"),
        on_change=_taken,
        args=(desk, slots),
        help="PNG, JPEG, WebP, HEIC, AVIF, BMP, TIFF or a still GIF. They are scaled and cropped as the "
        f"classifier needs. {note}",
    )
    if mode().hosted:
        st.caption("Your pictures are seen only by you and by those who have the result's link.")
    for problem in st.session_state.get(desk.key("upload_problems"), []):
        st.error(plain(problem), icon=":material/broken_image:")


def _taken(desk: Desk, slots: Sequence[str]) -> None:
    """Read what came; the last ones that are pictures go into the slots, which are emptied if too few."""
    files: list[UploadedFile] = st.session_state[desk.key("upload")] or []
    taken = take(files)
    digests = [each.digest for each in taken if each.digest]
    st.session_state[desk.key("upload_problems")] = [each.problem for each in taken if each.problem]
    if digests:
        references = [f"upload:{digest}" for digest in digests[-len(slots) :]]
        desk.put(dict(zip_longest(slots, references, fillvalue="")))
