"""The main story, as a visitor lives it: see the barrier, connect, drag along the path, share the link."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.actions import STRAIGHT, charts_drawn, connected, settled

pytestmark = pytest.mark.browser

Open = Callable[..., Page]

PIXELS = """canvas => Array.from(
    canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data
)"""


def test_a_new_visitor_finds_the_way_to_a_connected_path(visit: Open) -> None:
    page = visit("/")
    page.get_by_role("button", name="Drop two photographs").click()
    expect(page.get_by_role("heading", name="Connect two pictures")).to_be_visible()
    connected(page)
    expect(page.locator(".viewer .straight canvas")).to_be_visible()
    expect(page.get_by_role("button", name="Connect again")).to_be_visible()


def test_pictures_are_chosen_with_mouse_and_keyboard(visit: Open, result: str) -> None:
    """And the straight path of a pick is there sooner than the page was: nothing is ranked for it."""
    page = visit(STRAIGHT)
    expect(page.get_by_text("Between them stands a barrier")).to_be_visible()
    opened = page.evaluate("performance.now()")
    page.get_by_role("radio", name="Picture A").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("radio", name="Picture C")).to_be_focused()
    page.locator(".thumb").nth(5).focus()
    reference = page.locator(".thumb").nth(5).get_attribute("data-ref")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**rr_second={reference}**")
    expect(page.locator(".thumb").nth(5).locator(".mark")).to_have_text("C")
    settled(page)
    began = page.evaluate("performance.now()")
    page.locator(".thumb").nth(2).click()
    reference = page.locator(".thumb").nth(2).get_attribute("data-ref")
    page.wait_for_url(re.compile(rf"={reference}\b"))
    settled(page)
    assert page.evaluate("performance.now()") - began < 3 * max(opened, 2_000)
    expect(page.get_by_text("The classifier sees", exact=False).first).to_be_visible()


def test_a_link_opens_in_a_fresh_browser_on_a_fresh_server(
    visit: Open, fresh_server: Any, result: str
) -> None:
    page = visit(f"/real-real?run={result}", at=fresh_server)
    connected(page)
    expect(page.get_by_role("link", name="Results", exact=True)).to_be_visible()
    expect(page.get_by_text("Page not found")).to_have_count(0)


def test_a_result_is_whole_and_leaves_as_files(visit: Open, result: str) -> None:
    page = visit(f"/real-real?run={result}")
    connected(page)
    expect(page.locator(".viewer .map")).to_be_visible()
    for fold, heading in (
        ("Its pictures, side by side", "Along both paths"),
        ("The search, step by step", "Rounds"),
    ):
        page.get_by_text(fold).first.click()
        expect(page.get_by_role("heading", name=heading, exact=True)).to_be_visible()
    page.get_by_text("Take it with you").click()
    _the_ends_of_both_paths_are_the_same_picture(page)
    download = page.get_by_role("button", name="Download", exact=True).nth(1)
    expect(page.get_by_role("button", name="Whole record (ZIP)")).to_be_visible()
    charts_drawn(page)
    download.evaluate("button => button.scrollIntoView({ block: 'center' })")
    download.click()
    for label, start in (
        ("Picture (SVG)", b"<svg"),
        ("Numbers (CSV)", b"path,place,t,loss (nats)"),
    ):
        with page.expect_download() as waiting:
            page.get_by_role("button", name=label).first.click()
        assert waiting.value.path().read_bytes().startswith(start)
    page.keyboard.press("Escape")
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Whole record (ZIP)").click()
    assert waiting.value.path().read_bytes().startswith(b"PK")


def _the_ends_of_both_paths_are_the_same_picture(page: Page) -> None:
    page.get_by_role("button", name="C", exact=True).click()
    straight, found, difference = (page.locator(".pictures canvas").nth(k) for k in range(3))
    assert straight.evaluate(PIXELS) == found.evaluate(PIXELS)
    levels = [value for i, value in enumerate(difference.evaluate(PIXELS)) if i % 4 != 3]
    assert set(levels) <= {127, 128}
    page.get_by_role("button", name="Barrier", exact=True).click()
    assert straight.evaluate(PIXELS) != found.evaluate(PIXELS)
