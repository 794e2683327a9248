"""The optimal manifold as a visitor lives it: modes grow on the page, a path joins them, a graph opens."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.actions import connected

pytestmark = pytest.mark.browser

Open = Callable[..., Page]

ALT = "What is being made, as it is now"
WIDTH = """() => document.querySelector('[data-testid=stMain]').scrollWidth - window.innerWidth"""


def test_modes_grow_before_the_eyes_and_a_path_joins_them(visit: Open) -> None:
    page = visit("/manifold?mf_label=heart&mf_a_steps=60&mf_c_steps=60")
    expect(page.get_by_text("Nothing made for heart")).to_be_visible()
    page.get_by_role("button", name="Make and connect").click()
    preview = page.get_by_alt_text(ALT)
    expect(preview).to_be_visible(timeout=60_000)
    source = preview.get_attribute("src") or ""
    assert base64.b64decode(source.partition(",")[2]).startswith(b"\x89PNG")
    expect(page.get_by_role("heading", name="Two modes of heart")).to_be_visible(timeout=90_000)
    expect(page).to_have_url(re.compile("run="))
    connected(page, "0.01")
    expect(page.locator(".viewer .map")).to_be_visible()
    for heading in ("How they grew", "The path between them"):
        expect(page.get_by_role("heading", name=heading, exact=True)).to_be_visible()
    expect(page.get_by_text("Take it with you")).to_be_visible()


def test_the_shipped_modes_open_at_once(visit: Open) -> None:
    page = visit("/manifold", width=390, theme="dark")
    expect(page.get_by_role("heading", name="Two modes of disc")).to_be_visible()
    page.get_by_text("Many modes", exact=True).click()
    expect(page.get_by_text("15 of 15 pairs are connected")).to_be_visible()
    expect(page.locator(".wall .node")).to_have_count(6)
    page.get_by_role("button", name="Modes 2 to 5").press("Enter")
    expect(page.locator(".wall .told")).to_contain_text("Modes 2 to 5, straight path:")
    expect(page.get_by_role("heading", name="From mode 2 to mode 5")).to_be_visible()
    expect(page.get_by_role("heading", name=re.compile(r"From mode \d to mode \d"))).to_be_visible()
    expect(page.get_by_text("Every point is a blend of the three.")).to_be_visible()
    assert page.evaluate(WIDTH) <= 0
