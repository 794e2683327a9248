"""One's own pictures: read in another process, kept in the store, and forgotten by this one's memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import streamlit as st
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import DeletedFile
from streamlit.typing import UploadedFile

from engine.errors import ImageError, IsthmusError
from engine.images import to_bytes, with_channels
from engine.reader import PROCESSES, Reader, Reading
from pages.shared import service
from pages.shared.mode import MEGABYTE, mode
from pages.shared.words import plain

GONE = "A file is no longer on this server. Choose it again."


SHOWN = 5
"""Of more problems only these are written out."""


@dataclass(frozen=True)
class Taken:
    """What became of a file: the picture's digest, what its file lost, or what is wrong with it."""

    digest: str = ""
    notes: tuple[str, ...] = ()
    problem: str = ""


def upload_box(
    label: str, key: str, on_change: Callable[..., None], words: str, args: Sequence[Any] = ()
) -> None:
    """The control that takes pictures; `words` end its help."""
    st.file_uploader(
        label,
        type="image",
        accept_multiple_files=True,
        max_upload_size=mode().upload_mb,
        key=key,
        on_change=once_for,
        args=(key, on_change, *args),
        help=f"PNG, JPEG, WebP, HEIC, AVIF, BMP, TIFF or a still GIF{words}",
    )
    if mode().hosted:
        st.caption("Your pictures are seen only by you and by those who have the result's link.")


def once_for(key: str, on_change: Callable[..., None], *args: Any) -> None:
    """Call `on_change` for the files of a control, unless it was for these already.

    Streamlit says that a control changed, too, where the bytes of its files were let go, and where a browser
    still tells of one that has just left the page.
    """
    held = st.session_state[key]
    files = held if isinstance(held, list) else [held] if held else []
    ids = [file.file_id for file in files]
    if ids != st.session_state.get(f"{key}_met", []):
        st.session_state[f"{key}_met"] = ids
        on_change(*args)


def problem_box(said: Sequence[str]) -> None:
    """What was wrong with files that were given."""
    for problem in said[:SHOWN]:
        st.error(plain(problem), icon=":material/broken_image:")
    if len(said) > SHOWN:
        st.error(f"And {len(said) - SHOWN} more files could not be read.")


def uploaded() -> dict[str, str]:
    """The pictures of this session: digest -> name of the file."""
    return st.session_state.setdefault("isthmus_uploaded", {})


def take(files: Sequence[UploadedFile | DeletedFile]) -> list[Taken]:
    """What became of each file of a control, which is read once, when it is first met.

    The server then forgets its bytes, which it would else hold for as long as the session lasts.
    """
    known: dict[str, Taken] = st.session_state.setdefault("isthmus_taken", {})
    fresh = [file for file in files if file.file_id not in known]
    with ThreadPoolExecutor(PROCESSES) as pool:
        for start in range(0, len(fresh), PROCESSES):
            some = fresh[start : start + PROCESSES]
            readings = pool.map(partial(_read, service.reader()), some)
            for file, reading in zip(some, readings, strict=True):
                known[file.file_id] = _keep(file, reading)
                release(file)
    return [known[file.file_id] for file in files]


def kept(pictures: Mapping[str, np.ndarray]) -> list[str]:
    """References to pictures, name -> float32 (C, H, W) in [0, 1], as an 8-bit file would hold them."""
    references = []
    for name, pixels in pictures.items():
        digest = service.store().put_image(with_channels(to_bytes(pixels), 3), name)
        if digest not in uploaded():
            _count(len(service.store().png(digest)))
        uploaded()[digest] = name
        references.append(f"upload:{digest}")
    return references


def release(file: UploadedFile | DeletedFile) -> None:
    """Let the server forget the bytes of a file that has been read."""
    session = get_script_run_ctx()
    if session and isinstance(session.uploaded_file_mgr, MemoryUploadedFileManager):
        session.uploaded_file_mgr.remove_file(session.session_id, file.file_id)


def _read(reader: Reader, file: UploadedFile | DeletedFile) -> Reading | str:
    """The picture in a file, or what is wrong with it; in any thread."""
    if isinstance(file, DeletedFile):
        return GONE
    data, limit = file.getvalue(), mode().upload_mb
    if len(data) > limit * MEGABYTE:
        size = len(data) / MEGABYTE
        return (
            f"{file.name} has {size:.1f} MB; this server takes {limit} MB at most. Save it smaller."
        )
    try:
        return reader.read(data, file.name)
    except IsthmusError as error:
        return str(error)


def _keep(file: UploadedFile | DeletedFile, reading: Reading | str) -> Taken:
    """Keep a picture in the store, if it was one."""
    if isinstance(reading, str) or isinstance(file, DeletedFile):
        return Taken(problem=str(reading))
    try:
        if reading.digest not in uploaded():
            _count(len(reading.png))
        service.store().put_reading(reading)
    except IsthmusError as error:
        return Taken(problem=str(error))
    uploaded()[reading.digest] = file.name
    return Taken(reading.digest, reading.notes)


def _count(size: int) -> None:
    """ImageError where the pictures of this session would take more of the disk than they may."""
    total = st.session_state.get("isthmus_kept_bytes", 0) + size
    if total > mode().kept_mb * MEGABYTE:
        raise ImageError(
            f"Your pictures would take {total / MEGABYTE:,.0f} MB, kept without loss, and this server keeps "
            f"{mode().kept_mb:,} MB for one visit. Go on with those that are here, or send smaller ones."
        )
    st.session_state["isthmus_kept_bytes"] = total
