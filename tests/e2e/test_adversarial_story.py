"""An attack, as a visitor lives it: see its steps, take K′ away, and it still deceives."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from engine.classifiers import load_classifier
from engine.images import to_pixels
from tests.e2e.actions import connected

pytestmark = pytest.mark.browser

Open = Callable[..., Page]


def test_an_attack_is_seen_and_taken_away(visit: Open) -> None:
    page = visit("/")
    page.get_by_role("link", name="Attack a picture", exact=True).click()
    expect(page.get_by_role("heading", name="Attack a picture")).to_be_visible()
    headline = page.locator(".attack .headline")
    expect(headline).to_have_text("heart (over 99.9 % sure) → disc (over 99.9 % sure)")
    steps = page.locator(".attack input")
    steps.focus()
    page.keyboard.press("Home")
    expect(page.locator(".attack .what")).to_have_text("K, seen as heart")
    assert "heart over 99.9 %, disc under 0.1 %" in (steps.get_attribute("aria-valuetext") or "")
    page.keyboard.press("End")
    expect(page.locator(".attack .what")).to_have_text("K′, seen as disc")
    connected(page)
    for fold, heading in (
        ("Its pictures, side by side", "The nodes of the path"),
        ("The attack and the search, step by step", "The plane of the attack"),
    ):
        page.get_by_text(fold).click()
        expect(page.get_by_role("heading", name=heading, exact=True)).to_be_visible()
    expect(page.get_by_role("heading", name="Rounds from A to C", exact=True)).to_be_visible()
    expect(page.get_by_text("Take it with you")).to_be_visible()
    picture = np.array(Image.open(io.BytesIO(_taken(page, "K′ (PNG)"))))
    exact = np.load(io.BytesIO(_taken(page, "K′ (NPY)")), allow_pickle=False)
    assert picture.dtype == np.uint8
    assert np.abs(to_pixels(picture[None])[0] - exact).max() <= 0.5 / 255 + 1e-6
    classifier = load_classifier("shapes-resnet")
    for pixels in (to_pixels(picture[None]), exact[None]):
        assert classifier.classes[int(classifier(pixels).argmax())] == "disc"


def _taken(page: Page, label: str) -> bytes:
    with page.expect_download() as waiting:
        page.get_by_role("button", name=label).click()
    return Path(waiting.value.path()).read_bytes()
