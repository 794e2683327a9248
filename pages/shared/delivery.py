"""What Streamlit does again for each of a page's hundred messages, done once; what is sent stays the same.

For every message a script wakes the loop that sends it, twice, and takes the interpreter's lock from
itself thereby; and with every run the theme is looked up anew, some 50 entries among 500 options six times.
Together that was a third of what a page costs a server.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from threading import Lock
from typing import Any
from weakref import WeakKeyDictionary

from streamlit import config
from streamlit.proto.NewSession_pb2 import CustomThemeConfig
from streamlit.runtime import app_session
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.scriptrunner import ScriptRunner, ScriptRunnerEvent

GATHERED_SECONDS = 0.005
"""How long messages of a running script wait for others; Streamlit itself sends after as long again."""

log = logging.getLogger(__name__)

_lock = Lock()
_waiting: WeakKeyDictionary[AppSession, list[tuple[ScriptRunner | None, Any, dict[str, Any]]]] = (
    WeakKeyDictionary()
)


def gather() -> None:
    """Let the sessions of this process take up several messages at a time, and remember the theme."""
    AppSession._on_scriptrunner_event = _told  # type: ignore[assignment,method-assign]
    app_session._populate_theme_msg = Themes(app_session._populate_theme_msg)  # type: ignore[assignment]


def _told(
    session: AppSession, sender: ScriptRunner | None, event: ScriptRunnerEvent, **more: Any
) -> None:
    """Called by a script: a message waits for those that follow, the beginning and the end for nothing."""
    with _lock:
        waiting = _waiting.setdefault(session, [])
        waiting.append((sender, event, more))
        first = len(waiting) == 1
    if event is not ScriptRunnerEvent.ENQUEUE_FORWARD_MSG:
        session._call_soon_on_event_loop(partial(_take_up, session))
    elif first:
        session._call_soon_on_event_loop(partial(_wait_for_more, session))


def _wait_for_more(session: AppSession) -> None:
    session._event_loop.call_later(GATHERED_SECONDS, _take_up, session)


def _take_up(session: AppSession) -> None:
    """On the loop: everything that waits, in its order, and one call to send it."""
    with _lock:
        waiting = _waiting.pop(session, [])
    send, session._message_enqueued_callback = session._message_enqueued_callback, None
    for sender, event, more in waiting:
        try:
            session._handle_scriptrunner_event_on_event_loop(sender, event, **more)
        except Exception:
            log.exception("An event of a script was not taken up.")
    session._message_enqueued_callback = send
    if send and not session._browser_queue.is_empty():
        send()


class Themes:
    """Fills in the parts of the theme as Streamlit would, each read once from the configuration."""

    def __init__(self, fill: Callable[[CustomThemeConfig, str], None]) -> None:
        self._fill = fill
        self._known: dict[str, CustomThemeConfig] = {}
        config.on_config_parsed(self._known.clear, force_connect=True)

    def __call__(self, theme: CustomThemeConfig, section: str = "theme") -> None:
        known = self._known.get(section)
        if known is None:
            known = CustomThemeConfig()
            self._fill(known, section)
            self._known[section] = known
        if known.ByteSize():  # a part of which nothing is said stays away
            theme.MergeFrom(known)
