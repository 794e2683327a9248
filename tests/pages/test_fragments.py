"""What is drawn again alone keeps its place, however late the browser hears of it."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
from streamlit.runtime.forward_msg_queue import ForwardMsgQueue
from streamlit.testing.v1 import AppTest, local_script_runner

from tests.pages.conftest import SECONDS

PAGES = Path(__file__).resolve().parents[2] / "pages"


def ours() -> None:
    import streamlit as st

    from pages.shared.fragments import fragment

    def deed(name: str) -> None:
        st.toggle(name)

    for name in ("one", "two"):
        fragment(deed)(name)
    st.markdown("below")


def streamlits() -> None:
    import streamlit as st

    def deed(name: str) -> None:
        st.toggle(name)

    for name in ("one", "two"):
        st.fragment(deed)(name)
    st.markdown("below")


def messages_of(script: Any, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What a run of a script sends to the browser."""
    sent: list[Any] = []
    parse = local_script_runner.parse_tree_from_messages

    def kept(messages: list[Any]) -> Any:
        sent[:] = messages
        return parse(messages)

    monkeypatch.setattr(local_script_runner, "parse_tree_from_messages", kept)
    AppTest.from_function(script, default_timeout=SECONDS).run()
    return sent


def gaps(messages: list[Any]) -> int:
    """The blocks whose parts are not all there, from the first on."""
    places = defaultdict(set)
    for message in messages:
        if message.WhichOneof("type") == "delta":
            *parent, place = message.metadata.delta_path
            places[tuple(parent)].add(place)
    return sum(found != set(range(len(found))) for found in places.values())


@pytest.mark.parametrize(("script", "expected"), [(ours, 0), (streamlits, 1)])
def test_what_runs_again_before_the_browser_has_seen_it_leaves_no_gap(
    script: Any, expected: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once Streamlit's own leave none either, `fragments.py` can go."""
    messages = messages_of(script, monkeypatch)
    fragments = list(
        dict.fromkeys(one.delta.fragment_id for one in messages if one.delta.fragment_id)
    )
    assert len(fragments) == 2
    assert gaps(messages) == 0
    queue = ForwardMsgQueue()
    for message in messages:
        queue.enqueue(message)
    queue.clear(retain_lifecycle_msgs=True, fragment_ids_this_run=fragments[:1])
    assert gaps(queue.flush()) == expected


def test_no_page_takes_streamlits_own() -> None:
    found = [
        path for path in PAGES.rglob("*.py") if "st.fragment" in path.read_text(encoding="utf-8")
    ]
    assert found == [PAGES / "shared" / "fragments.py"]
