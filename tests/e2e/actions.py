"""What a visitor does on a page, in steps that several tests take."""

from __future__ import annotations

from playwright.sync_api import Page, expect

STRAIGHT = "/real-real?rr_split=test"
"""What the page shows where one has left its example: a pair of its own choice and the straight path."""


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
