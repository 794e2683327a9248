"""What needs no computing comes soon: the bars of `bench --app`, with room for a busy machine."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from engine.serving import Server
from engine.speed.app import BARS, Visit

pytestmark = pytest.mark.browser

ROOM = 10
"""How many times as long it may take where other tests run beside it."""


def test_a_stored_result_and_what_the_browser_does_itself(
    visit: Callable[..., Page], server: Server
) -> None:
    for name, seconds in Visit(visit("/"), server).stored():
        assert seconds < ROOM * BARS[name], name
