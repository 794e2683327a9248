"""Percolation in a real browser: grid and words go together, and shipped results are there at once."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

Open = Callable[..., Page]


def test_the_grid_fills_until_a_cluster_spans_without_the_server(visit: Open) -> None:
    page = visit("/untrained?un_p=0.4")
    grid = page.get_by_role("img", name="No cluster spans the grid.")
    expect(grid).to_be_visible()
    slider = page.get_by_role("slider", name="Probability p that a site is occupied")
    before = grid.evaluate("canvas => canvas.toDataURL()")
    slider.focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".lattice .value")).to_have_text("40.1 % of the sites occupied (p = 0.401)")
    assert grid.evaluate("canvas => canvas.toDataURL()") != before
    page.get_by_role("button", name="Above", exact=True).click()
    expect(page.locator(".lattice .answer")).to_contain_text("A cluster spans the grid")
    assert "A cluster spans the grid" in (slider.get_attribute("aria-valuetext") or "")
    expect(page.get_by_text("dimensions paths join").first).to_be_visible()


def test_training_is_shown_as_measured_with_pictures_that_are_not_here(visit: Open) -> None:
    page = visit("/untrained")
    chapter = page.get_by_text("Before training the barrier is")
    expect(chapter).to_contain_text("and after 30 epochs")
    page.get_by_text("How it was measured", exact=True).last.click()
    expect(page.get_by_text("resnet18-cifar10, 50,000 training images")).to_be_visible()
