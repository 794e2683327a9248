"""How much of what visitors send waits in this process's memory: bounded for a session, and for all."""

from __future__ import annotations

import re
from collections import Counter

import streamlit as st
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit.runtime.scriptrunner import get_script_run_ctx

from pages.shared.mode import MEGABYTE, mode

SESSIONS = 4
"""All sessions together may have as much waiting as so many that use what one may."""

LEAST = 4096
"""Bytes that even an empty file counts."""

_refused: dict[str, str] = {}
"""Why the last file of a session was not taken, until its page has said so."""

_UPLOAD = re.compile(r"/_stcore/upload_file/([^/]+)/[^/]+/?")


class Intake:
    """An ASGI app around Streamlit's, which keeps what is sent for as long as the session lasts.

    A page lets files go as soon as it has read them, so this refuses only what nobody reads.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._coming: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        session = _sender(scope)
        if not session:
            await self._app(scope, receive, send)
            return
        size = _size(scope)
        if refusal := self._refusal(session, size):
            _tell(session, refusal)
            await PlainTextResponse(refusal, 413)(scope, receive, send)
            return
        self._coming[session] += size
        try:
            await self._app(scope, receive, send)
        finally:
            self._coming[session] -= size
            self._coming += Counter()  # without those at 0

    def _refusal(self, session: str, size: int) -> str:
        held = self._coming + _waiting()
        limit = mode().waiting_mb * MEGABYTE
        which = f"a file of {size / MEGABYTE:.1f} MB was not taken"
        if held[session] + size > limit:
            wanted = (held[session] + size) / MEGABYTE
            return (
                f"Send fewer files at a time: {which}, for {wanted:.0f} MB of yours would wait to be read, "
                f"and {mode().waiting_mb} MB may."
            )
        if held.total() + size > SESSIONS * limit:
            return (
                f"Try again in a minute: {which}, for those that wait to be read fill the "
                f"{SESSIONS * mode().waiting_mb} MB that there are for all visitors."
            )
        return ""


def say_refused() -> None:
    """Tell a visitor what was not taken; the control for files can only show that something was not."""
    context = get_script_run_ctx()
    if words := _refused.pop(context.session_id, "") if context else "":
        st.toast(words, icon=":material/error:", duration="infinite")


def _tell(session: str, words: str) -> None:
    """Let the page of a session run again, and say why a file was not taken."""
    running = st.runtime.get_instance().get_app_session(session)
    if running:
        _refused[session] = words
        running.request_rerun(running._client_state)  # the page where he is


def _sender(scope: Scope) -> str:
    """The session that a file is sent for; empty for any other request."""
    if scope["type"] == "http" and scope["method"] == "PUT":
        found = _UPLOAD.search(scope["path"])
        return found[1] if found else ""
    return ""


def _size(scope: Scope) -> int:
    """How many bytes are announced; where none are, as many as Streamlit takes."""
    lengths = [value for name, value in scope["headers"] if name == b"content-length"]
    announced = int(lengths[0]) if lengths and lengths[0].isdigit() else mode().upload_mb * MEGABYTE
    return max(LEAST, announced)


def _waiting() -> Counter[str]:
    """Bytes that Streamlit holds for each session."""
    manager = st.runtime.get_instance().uploaded_file_mgr
    held = list(manager.file_storage.items())  # type: ignore[attr-defined]
    return Counter({name: sum(_held(one) for one in list(files.values())) for name, files in held})


def _held(file: object) -> int:
    return max(LEAST, len(file.data))  # type: ignore[attr-defined]
