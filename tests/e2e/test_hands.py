"""Whole stories: two photographs with keys alone, an attack with the mouse, a phone with fingers."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect

from engine.datasets import load_dataset
from engine.serving import Server
from tests.e2e.actions import STRAIGHT, connected, settled

pytestmark = pytest.mark.browser

Open = Callable[..., Page]

PHOTOGRAPHS = (257, 1498)
"""Two hearts of the set with a barrier between them."""

STEPS = 150
"""Presses of a key after which nobody would look for a control any more."""

PHONE = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/130.0 Mobile Safari/537.36"

HELD = "() => document.activeElement.shadowRoot?.activeElement ?? document.activeElement"


@pytest.fixture
def phone(browser: Browser, server: Server) -> Iterator[Page]:
    """A browser that knows fingers only, and says that it is a phone's."""
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, user_agent=PHONE
    )
    page = context.new_page()
    yield page
    context.close()


def test_two_photographs_are_joined_with_keys_alone(visit: Open, tmp_path: Path) -> None:
    page = visit(STRAIGHT)
    expect(page.get_by_text("Between them stands a barrier")).to_be_visible()
    settled(page)
    _reach(page, page.get_by_test_id("stFileUploader").get_by_test_id("stBaseButton-secondary"))
    # What the system's own dialog would give.
    page.locator("input[type=file]").set_input_files(_photographs(tmp_path))
    page.wait_for_url("**rr_first=upload**")
    expect(page.get_by_role("radio", name="Picture C: second.png")).to_be_visible()
    settled(page)
    _reach(page, page.get_by_role("button", name="Connect", exact=True))
    page.keyboard.press("Enter")
    connected(page)
    expect(page.locator(".viewer .map[data-at]")).to_be_visible()
    settled(page)
    _reach(page, page.locator(".viewer .map"))
    before = page.locator(".viewer .map").get_attribute("data-at")
    page.keyboard.press("ArrowRight")
    expect(page.locator(".viewer .map")).not_to_have_attribute("data-at", before or "")


def test_an_attack_is_made_taken_away_and_judged_with_the_mouse(
    visit: Open, tmp_path: Path
) -> None:
    page = visit("/real-adversarial?ra_split=test")
    expect(page.locator(".attack .headline")).to_be_visible()
    settled(page)
    before = page.locator(".attack .k").get_attribute("src")
    page.get_by_role("radio", name="Picture K").click()
    page.locator(".thumb").last.click()
    page.wait_for_url("**ra_source=**")
    expect(page.locator(".attack .k")).not_to_have_attribute("src", before or "")
    settled(page)
    with page.expect_download() as waiting:
        page.get_by_role("button", name="K′ (PNG)").click()
    file = tmp_path / "attacked.png"
    waiting.value.save_as(file)
    assert np.array(Image.open(io.BytesIO(file.read_bytes()))).dtype == np.uint8
    page.get_by_role("link", name="Is it an attack?", exact=True).click()
    expect(page.get_by_text("Judge your own pictures")).to_be_visible()
    settled(page)
    page.locator("input[type=file]").set_input_files(str(file))
    expect(page.get_by_text("attacked.png, as the classifier sees it")).to_be_visible()
    expect(page.get_by_test_id("stAlert").first).to_contain_text("Attack.")


def test_a_link_a_lattice_and_a_wall_answer_to_fingers(
    phone: Page, server: Server, result: str
) -> None:
    phone.goto(f"{server.url}/real-real?run={result}")
    chart = phone.locator(".viewer .map")
    expect(chart).to_have_attribute("data-at", re.compile(","))
    settled(phone)
    before = chart.get_attribute("data-at")
    chart.tap(position={"x": 60, "y": 40})
    expect(chart).not_to_have_attribute("data-at", before or "")
    phone.get_by_role("button", name="Barrier", exact=True).tap()
    expect(phone.locator(".viewer .place")).not_to_have_text("place 0.000")
    phone.goto(f"{server.url}/untrained?un_p=0.4")
    expect(phone.get_by_role("img", name="No cluster spans the grid.")).to_be_visible()
    settled(phone)
    slider = phone.get_by_role("slider", name="Probability p that a site is occupied")
    expect(slider).to_be_in_viewport()
    box = slider.bounding_box()
    assert box
    _drag(phone, box["x"] + 0.4 * box["width"], box["y"] + 0.5 * box["height"], 0.3 * box["width"])
    expect(phone.locator(".lattice .answer")).to_contain_text("A cluster spans the grid")
    phone.get_by_test_id("stExpandSidebarButton").tap()
    phone.get_by_role("link", name="Grow pictures", exact=True).tap()
    phone.get_by_text("Many modes", exact=True).tap()
    node = phone.locator(".wall .node").nth(4)
    node.scroll_into_view_if_needed()
    settled(phone)
    box, before = node.bounding_box(), node.get_attribute("style")
    assert box
    _drag(phone, box["x"] + 0.3 * box["width"], box["y"] + 0.5 * box["height"], 40)
    expect(node).not_to_have_attribute("style", before or "")


def _reach(page: Page, control: Locator) -> None:
    """Go to a control with the Tab key, as somebody does who has no mouse."""
    wanted = control.element_handle()
    for _ in range(STEPS):
        if page.evaluate_handle(HELD).evaluate("(held, wanted) => held === wanted", wanted):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{STEPS} presses of Tab did not lead to {control}")


def _drag(page: Page, x: float, y: float, right: float) -> None:
    """Put a finger on a place and draw it to the right."""
    hand = page.context.new_cdp_session(page)
    for step in range(9):
        touch = {"x": x + right * step / 8, "y": y}
        kind = "touchMove" if step else "touchStart"
        hand.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [touch]})
    hand.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def _photographs(folder: Path) -> Sequence[str]:
    images = load_dataset("shapes", split="test").images
    files = [folder / "first.png", folder / "second.png"]
    for file, index in zip(files, PHOTOGRAPHS, strict=True):
        Image.fromarray(images[index]).save(file)
    return [str(file) for file in files]
