"""What happens once, when the server starts and before anybody visits: warm workers, an open browser."""

from __future__ import annotations

import asyncio
import gc
import os
import socket
import threading
import time
import webbrowser
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from importlib import import_module
from typing import Any

import psutil
import pyarrow
import streamlit as st
from streamlit import config
from streamlit.env_util import is_repl
from streamlit.runtime.pages_manager import PagesManager

from engine.allocation import give_back, share_memory
from engine.errors import UnknownNameError
from pages.shared import delivery, journal
from pages.shared.mode import log_form, metrics_port, mode

BROWSER_DELAY_SECONDS = 1.0

WARM_DELAY_SECONDS = 1.5
"""How long the workers wait with their imports, which would take the processor from the first page."""

FIRST_PAGE = ("link", "living_map", "tray")
"""What of this folder the first page needs, and with it nearly all that any page does."""

TIDY_SECONDS = 60.0


def prepare() -> None:
    """Tell Streamlit, before it starts, that this app names its pages itself, and how much it takes.

    A folder called pages makes it take the first visit of a process for one of its older kind of
    app: the visitor of a link to a page would be told that the page does not exist.
    """
    share_memory()
    delivery.gather()
    PagesManager.uses_pages_directory = False
    with suppress(UnknownNameError):  # the door is shut then, and says why
        if log_form() == "json":
            journal.begin()
        if mode().hosted:
            config.set_option("server.maxUploadSize", mode().upload_mb)


@asynccontextmanager
async def lifespan(app: st.App) -> AsyncIterator[dict[str, Any]]:
    """Be ready for the first page; then start the workers in the background, and tidy up now and then."""
    _answer_at_once()
    await asyncio.to_thread(_be_ready)
    tidying = asyncio.create_task(_tidy())
    threading.Thread(target=_warm, name="warm-up", daemon=True).start()
    if not st.get_option("server.headless"):
        threading.Timer(BROWSER_DELAY_SECONDS, webbrowser.open, [_address()]).start()
    yield {}
    tidying.cancel()


def _answer_at_once() -> None:
    """Have connections send what they are given at once, not wait for the browser to confirm what was sent.

    Streamlit binds its socket without naming the protocol, so that asyncio does not see that it is TCP, where
    it would do this itself; what is sent in more than one piece then takes 40 ms longer. What the listening
    socket is told holds for every connection that it accepts.
    """
    with suppress(psutil.Error, OSError):  # where a system does not let it, answers take longer
        for one in psutil.Process().net_connections("tcp"):
            if one.status == psutil.CONN_LISTEN:
                with socket.socket(fileno=os.dup(one.fd)) as listening:
                    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


async def _tidy() -> None:
    """Give back the memory of visitors who have left for good."""
    held = 0
    while True:
        await asyncio.sleep(TIDY_SECONDS)
        before, held = held, _sessions()
        if held < before:
            gc.collect()
            pyarrow.default_memory_pool().release_unused()
            give_back()


def _sessions() -> int:
    """How many sessions are held.

    This lets go of those that nobody came back to, which Streamlit does only when the next visitor leaves.
    """
    manager: Any = st.runtime.get_instance()._session_mgr
    return len(manager.list_active_sessions()) + len(manager._session_storage._cache)


def _be_ready() -> None:
    """Import what a page needs, and look up what stays known, which takes seconds, before anybody waits."""
    for name in FIRST_PAGE:
        import_module(f"pages.shared.{name}")
    import_module("pages.home.gallery")
    from pages.shared import service

    is_repl()
    service.store().records(shipped=True)


def _warm() -> None:
    from engine.gallery import VERDICT
    from pages.shared import service

    time.sleep(WARM_DELAY_SECONDS)
    service.reader().warm()
    queue = service.jobs()
    queue.warm(like=VERDICT)
    port = metrics_port()
    if port is not None:
        from pages.shared import metrics

        metrics.serve(queue, port)


def _address() -> str:
    port, path = st.get_option("server.port"), st.get_option("server.baseUrlPath").strip("/")
    return f"http://localhost:{port}/{path}"
