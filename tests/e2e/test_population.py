"""A population in a real browser: a mark that is clicked brings its pair."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from engine.records import Store
from engine.serving import Server
from tests.pages.populations import population_record

pytestmark = pytest.mark.browser

Open = Callable[..., Page]


def test_a_mark_that_is_clicked_brings_its_pair(visit: Open, server: Server) -> None:
    record = population_record(Store(server.store))
    page = visit(f"/real-adversarial?run={record.key}")
    expect(page.get_by_text("as the paper finds")).to_be_visible()
    expect(page.get_by_text("Pair 0, real–real, class 3")).to_be_visible()
    _mark(page, 20).click()
    expect(page.get_by_text("Pair 20, real–adversarial, class 8")).to_be_visible()
    expect(page).to_have_url(re.compile("pop_pair=20"))
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_text("Pair 21, real–adversarial, class 3")).to_be_visible()
    _mark(page, 20).click()
    expect(page.get_by_text("Pair 20, real–adversarial, class 8")).to_be_visible()


def _mark(page: Page, pair: int) -> Locator:
    marks = ".st-key-pop_scatter_chart .role-mark path"
    return page.locator(f'{marks}[aria-label*="Pair: {pair};"]').last
