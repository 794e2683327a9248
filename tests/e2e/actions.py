"""What a visitor does on a page, in steps that several tests take."""

from __future__ import annotations

from playwright.sync_api import Page, expect

STRAIGHT = "/real-real?rr_split=test"
"""What the page shows where one has left its example: a pair of its own choice and the straight path."""


def press_connect(page: Page) -> None:
    """Press Connect once the page has settled: while it is drawn anew, the old button is still there."""
    button = page.get_by_role("button", name="Connect", exact=True)
    expect(button).to_have_count(1)
    button.click()
