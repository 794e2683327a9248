"""What is sent is what Streamlit would send, in the same order, in fewer turns of its loop."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from streamlit import config
from streamlit.proto.NewSession_pb2 import CustomThemeConfig, NewSession
from streamlit.runtime import app_session
from streamlit.runtime.forward_msg_queue import ForwardMsgQueue
from streamlit.runtime.scriptrunner import ScriptRunnerEvent

from pages.shared import delivery
from pages.shared.delivery import Themes

MESSAGE = ScriptRunnerEvent.ENQUEUE_FORWARD_MSG
BEGINS, ENDS = ScriptRunnerEvent.SCRIPT_STARTED, ScriptRunnerEvent.SCRIPT_STOPPED_WITH_SUCCESS


class Session:
    """As much of a session as takes up the events of its script, on a loop that runs."""

    def __init__(self) -> None:
        self._event_loop = asyncio.get_running_loop()
        self._browser_queue = ForwardMsgQueue()
        self._message_enqueued_callback: Any = self._sent
        self.taken_up: list[Any] = []
        self.turns = 0

    def _call_soon_on_event_loop(self, call: Any) -> None:
        self._event_loop.call_soon_threadsafe(call)

    def _handle_scriptrunner_event_on_event_loop(
        self, sender: Any, event: ScriptRunnerEvent, forward_msg: Any = None
    ) -> None:
        if forward_msg == "bad":
            raise ValueError("bad")
        self.taken_up.append(forward_msg if event is MESSAGE else event)
        self._browser_queue._queue.append(forward_msg)
        if self._message_enqueued_callback:
            self._message_enqueued_callback()

    def _sent(self) -> None:
        self._browser_queue.flush()
        self.turns += 1


def told(*events: Any) -> Session:
    """A session that a script in a thread of its own told these events."""

    async def run() -> Session:
        session = Session()

        def script() -> None:
            for one in events:
                event = one if isinstance(one, ScriptRunnerEvent) else MESSAGE
                more = {} if event is one else {"forward_msg": one}
                delivery._told(session, None, event, **more)  # type: ignore[arg-type]

        thread = threading.Thread(target=script)
        thread.start()
        await asyncio.to_thread(thread.join)
        await asyncio.sleep(5 * delivery.GATHERED_SECONDS)
        return session

    # In a thread of its own: one that has driven a browser has a loop already.
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(lambda: asyncio.run(run())).result()


def test_a_page_is_taken_up_in_its_order_in_few_turns() -> None:
    events = [BEGINS, *range(300), ENDS, *range(300, 310)]
    session = told(*events)
    assert session.taken_up == events
    assert 1 <= session.turns < 100


def test_one_that_fails_does_not_keep_others_away(caplog: pytest.LogCaptureFixture) -> None:
    session = told(0, "bad", 1, ENDS)
    assert session.taken_up == [0, 1, ENDS]
    assert "not taken up" in caplog.text


def test_the_theme_is_the_configured_one() -> None:
    """With the parts of which nothing is said left out, as often as it is asked for."""
    remembered = Themes(app_session._populate_theme_msg)
    expected = NewSession()
    filled = [NewSession(), NewSession()]
    sections = ["theme", *(f"theme.{one.value}" for one in config.CustomThemeCategories)]
    for fill, message in zip([remembered, remembered], filled, strict=True):
        for section in sections:
            fill(part(message, section), section)
    for section in sections:
        app_session._populate_theme_msg(part(expected, section), section)
    assert expected.custom_theme.light.primary_color == config.get_option(
        "theme.light.primaryColor"
    )
    assert filled == [expected, expected]


def part(message: NewSession, section: str) -> CustomThemeConfig:
    found = message.custom_theme
    for name in section.split(".")[1:]:
        found = getattr(found, name)
    return found
