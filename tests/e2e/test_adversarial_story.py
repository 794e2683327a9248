"""An attack, as a visitor lives it: see the barrier, connect, take K′ away, and it still deceives."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from engine.classifiers import load_classifier
from engine.images import to_pixels
from tests.e2e.actions import press_connect

pytestmark = pytest.mark.browser

Open = Callable[..., Page]

SEARCH_MS = 180_000
"""An attack and two searches take a second or two on an idle machine; tests share theirs."""


def test_an_attack_is_seen_connected_and_taken_away(visit: Open) -> None:
    page = visit("/")
    page.get_by_role("link", name="Attack a picture", exact=True).click()
    expect(page.get_by_role("heading", name="Attack a picture")).to_be_visible()
    headline = page.locator(".attack .headline")
    expect(headline).to_have_text("heart over 99.9 % → disc over 99.9 %")
    steps = page.locator(".attack input")
    steps.focus()
    page.keyboard.press("Home")
    expect(page.locator(".attack .what")).to_have_text("K, seen as heart")
    assert "heart over 99.9 %, disc under 0.1 %" in (steps.get_attribute("aria-valuetext") or "")
    page.keyboard.press("End")
    expect(page.locator(".attack .what")).to_have_text("K′, seen as disc")
    page.goto(page.url + "?ra_rounds=3")
    expect(page.get_by_text("The straight path from A to K′ rises to")).to_be_visible()
    press_connect(page)
    found = page.get_by_text("Connected: no point has a loss above 0.05 nats")
    expect(found).to_be_visible(timeout=SEARCH_MS)
    expect(page).to_have_url(re.compile("run="))
    for heading in (
        "The nodes of the path",
        "The plane of the attack",
        "Rounds from A to C",
        "Take it with you",
    ):
        expect(page.get_by_role("heading", name=heading, exact=True)).to_be_visible()
    picture = np.array(Image.open(io.BytesIO(_taken(page, "K′ (PNG)"))))
    exact = np.load(io.BytesIO(_taken(page, "K′ (NPY)")), allow_pickle=False)
    assert picture.dtype == np.uint8
    assert np.abs(to_pixels(picture[None])[0] - exact).max() <= 0.5 / 255 + 1e-6
    classifier = load_classifier("shapes-resnet")
    for pixels in (to_pixels(picture[None]), exact[None]):
        assert classifier.classes[int(classifier(pixels).argmax())] == "disc"


def test_k_has_a_grid_of_its_own(visit: Open) -> None:
    page = visit("/real-adversarial?ra_split=test")
    expect(page.get_by_text("The straight path from A to K′ rises to")).to_be_visible()
    before = page.locator(".thumb").first.get_attribute("data-ref")
    page.get_by_role("radio", name="Picture K").click()
    expect(page.locator(".thumb").first).not_to_have_attribute("data-ref", before or "")
    chosen = page.locator(".thumb").nth(3)
    reference = chosen.get_attribute("data-ref")
    chosen.click()
    page.wait_for_url(f"**ra_source={reference}**")
    expect(page.get_by_role("radio", name="Picture K")).to_have_attribute("aria-checked", "true")
    expect(page.locator(".thumb").nth(3).locator(".mark")).to_have_text("K")


def _taken(page: Page, label: str) -> bytes:
    with page.expect_download() as waiting:
        page.get_by_role("button", name=label).click()
    return Path(waiting.value.path()).read_bytes()
