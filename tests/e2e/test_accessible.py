"""Every page under axe-core: no finding but what it calls minor, with what is folded opened too."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import axe_playwright_python
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.actions import settled

pytestmark = pytest.mark.browser

Open = Callable[..., Page]

PAGES = {
    "/": "light",
    "/real-real": "dark",
    "/real-adversarial": "light",
    "/real-adversarial?ra_view=Population": "dark",
    "/manifold?mf_view=Many+modes": "light",
    "/untrained": "dark",
    "/detector": "light",
    "/detector?dt_view=Benchmark": "dark",
    "/claims": "light",
    "/runs": "dark",
}
"""A page, and the theme that it is looked at in."""

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SCRIPT = Path(axe_playwright_python.__file__).with_name("axe.min.js")
ASK = """rules => axe.run(document, { runOnly: rules }).then(found => found.violations
    .filter(one => one.impact !== "minor")
    .map(one => [one.id, one.nodes[0].html.slice(0, 200)]))"""
DRAWERS = re.compile("^(tune|photo_library)")
"""How the folds with settings begin, by their symbol."""


def test_no_page_keeps_anybody_out(visit: Open) -> None:
    script = SCRIPT.read_text(encoding="utf-8")
    found: dict[str, Any] = {}
    for number, (path, theme) in enumerate(PAGES.items()):
        page = visit(path, width=(1280, 390)[number % 2], theme=theme)
        expect(page.get_by_test_id("stMain").get_by_role("heading", level=1)).to_be_visible()
        settled(page)
        drawer = page.locator("summary").filter(has_text=DRAWERS)
        if drawer.count():
            drawer.first.click()
            settled(page)
        page.evaluate(f"{script};0")
        if violations := page.evaluate(ASK, RULES):
            found[path] = violations
    assert not found
