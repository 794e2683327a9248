"""What a visitor does on a page, in steps that several tests take."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from engine.serving import STILL

STRAIGHT = "/real-real?rr_split=test"
"""What the page shows where one has left its example: a pair of its own choice and the straight path."""

ADDRESSES = "navigation.entries().map(entry => new URL(entry.url).search)"


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


def addresses(page: Page) -> list[str]:
    """The query of every entry that the browser would go back to, and of this one."""
    found: list[str] = page.evaluate(ADDRESSES)
    return found


def settled(page: Page) -> None:
    """Wait until nothing runs any more, and a moment longer for what it might have written."""
    page.evaluate("window.lastSeen = null")
    page.wait_for_function(STILL, polling=100)
