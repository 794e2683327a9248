"""What needs no computing comes soon: the bars of `bench --app`, with room for a busy machine."""

from __future__ import annotations

import time
from collections.abc import Callable
from http.client import HTTPConnection

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


def test_no_answer_waits_for_another_to_be_confirmed(server: Server) -> None:
    """Where Nagle's algorithm is on, every answer in two pieces but the first takes 40 ms or more."""
    connection = HTTPConnection(server.url.removeprefix("http://"))
    took = []
    for _ in range(20):
        began = time.perf_counter()
        connection.request("GET", "/")
        assert connection.getresponse().read()
        took.append(time.perf_counter() - began)
    assert min(took[1:]) < 0.03
