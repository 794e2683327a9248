"""What a visitor does on a page, in steps that several tests take."""

from __future__ import annotations

import re
from pathlib import Path

import axe_playwright_python
from playwright.sync_api import Page, expect

from engine.serving import STILL

STRAIGHT = "/real-real?rr_split=test"
"""What the page shows where one has left its example: a pair of its own choice and the straight path."""

ADDRESSES = "navigation.entries().map(entry => new URL(entry.url).search)"


RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js")
ASK = """rules => axe.run(document, { runOnly: rules, resultTypes: ["violations"] }).then(
    found => found.violations.filter(one => one.impact !== "minor")
    .map(one => `${one.id}: ${one.nodes[0].html.slice(0, 200)}`))"""
DRAWERS = re.compile("^(tune|photo_library)")
"""How the folds with settings begin, by their symbol."""


def shut_out(page: Page) -> list[str]:
    """What axe-core finds on a page with its settings opened, without what it calls minor."""
    drawer = page.locator("summary").filter(has_text=DRAWERS)
    if drawer.count():
        drawer.first.click()
        settled(page)
    page.evaluate(f"{AXE.read_text(encoding='utf-8')};0")
    found: list[str] = page.evaluate(ASK, RULES)
    return found


def charts_drawn(page: Page) -> None:
    """Wait until every chart of the page has its height: until then what stands below moves."""
    page.wait_for_function(
        """() => {
            const charts = [...document.querySelectorAll("[data-testid=stVegaLiteChart]")]
            return charts.length && charts.every(one => one.querySelector("canvas, svg.marks"))
        }"""
    )


def press_connect(page: Page) -> None:
    """Press Connect once the page has settled: while it is drawn anew, the old button is still there."""
    button = page.get_by_role("button", name="Connect", exact=True)
    expect(button).to_have_count(1)
    button.click()


def connected(page: Page, goal: str = "0.05") -> None:
    """Wait for the verdict in green; for a moment the line of the job that found it says the same."""
    words = f"Connected: no point has a loss above {goal} nats"
    expect(page.get_by_role("status").filter(has_text=words)).to_be_visible()


def addresses(page: Page) -> list[str]:
    """The query of every entry that the browser would go back to, and of this one."""
    found: list[str] = page.evaluate(ADDRESSES)
    return found


def settled(page: Page) -> None:
    """Wait until nothing runs any more, and a moment longer for what it might have written."""
    page.evaluate("window.lastSeen = null")
    page.wait_for_function(STILL, polling=100)
