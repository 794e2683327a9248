"""Percolation in a real browser: the slider moves the picture, and shipped results are there at once."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

Open = Callable[..., Page]


def test_the_slider_fills_the_grid_until_a_cluster_spans(visit: Open) -> None:
    page = visit("/untrained?un_p=0.4")
    expect(page.get_by_text("No cluster spans the grid").first).to_be_visible()
    grid = page.get_by_test_id("stImage").first.locator("img")
    before = grid.get_attribute("src")
    page.get_by_role("slider").first.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_url("**un_p=0.401**")
    expect(grid).not_to_have_attribute("src", before or "")
    page.get_by_role("button", name="Above", exact=True).click()
    expect(page.get_by_text("A cluster spans the grid").first).to_be_visible()
    expect(page.get_by_text("What this does not show")).to_be_visible()
