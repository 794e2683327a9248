"""A population in a real browser: a mark that is clicked brings its pair."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from engine.records import Store
from tests.e2e.conftest import Server
from tests.pages.populations import PAIRS, population_record

pytestmark = pytest.mark.browser

Open = Callable[..., Page]

MARKS = """() => document.querySelectorAll(
    '.st-key-pop_scatter_chart [data-testid=stVegaLiteChart] canvas').length"""


def test_a_mark_that_is_clicked_brings_its_pair(visit: Open, server: Server) -> None:
    record = population_record(Store(server.store))
    page = visit(f"/real-adversarial?run={record.key}")
    expect(page.get_by_text("as the paper finds")).to_be_visible()
    chosen = page.get_by_text("Pair 0, real–real, class 3")
    expect(chosen).to_be_visible()
    chart = page.locator(".st-key-pop_scatter_chart canvas, .st-key-pop_scatter_chart svg").first
    chart.scroll_into_view_if_needed()
