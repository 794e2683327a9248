"""The browser's history: one entry for each thing that a person does, and Back leads where he was."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.actions import STRAIGHT, addresses, press_connect, settled

pytestmark = pytest.mark.browser

Open = Callable[..., Page]


def pictures(page: Page) -> list[str | None]:
    """What is in the slots."""
    slots = page.locator("[role=radio][aria-label^='Picture ']")
    slots.first.wait_for()
    return [slot.get_attribute("aria-label") for slot in slots.all()]


def choose_class(page: Page, label: str, name: str) -> None:
    page.get_by_role("combobox", name=label, exact=True).click()
    page.get_by_role("option", name=name, exact=True).click()
    expect(page.get_by_text(f"classified as {name}").first).to_be_visible()
    settled(page)


def test_every_deed_is_one_entry_and_back_undoes_it(visit: Open, result: str) -> None:
    page = visit(STRAIGHT)
    expect(page.get_by_text("Between them stands a barrier")).to_be_visible()
    settled(page)
    first = pictures(page)
    page.locator(".thumb").nth(4).click()
    page.wait_for_url("**rr_first=**rr_second=**")
    settled(page)
    picked = pictures(page)
    assert (picked[0] != first[0], picked[1]) == (True, first[1])
    choose_class(page, "Class", "ring")
    rings = pictures(page)
    press_connect(page)
    expect(page.get_by_text("Take it with you")).to_be_visible()
    settled(page)
    queries = addresses(page)
    assert len(queries) == 4
    assert queries[0] == "?rr_split=test"
    assert queries[2] == "?rr_label=ring"
    assert queries[3].startswith("?run=")
    for expected in (rings, picked, first):
        page.go_back()
        expect(page.get_by_text("The classifier sees", exact=False).first).to_be_visible()
        settled(page)
        assert pictures(page) == expected
    assert addresses(page) == queries
    page.evaluate("history.go(3)")
    expect(page.get_by_text("Take it with you")).to_be_visible()
    settled(page)
    assert addresses(page) == queries


def test_a_surprise_is_one_entry_and_another_page_takes_nothing_along(
    visit: Open, result: str
) -> None:
    page = visit("/real-adversarial?ra_split=test")
    expect(page.get_by_text("The straight path from A to K′ rises to")).to_be_visible()
    _k_has_a_grid_of_its_own(page)
    settled(page)
    page.get_by_role("button", name="Surprise me").click()
    page.wait_for_url("**ra_first=**ra_source=**ra_second=**")
    settled(page)
    chosen = pictures(page)
    page.get_by_role("link", name="Results", exact=True).click()
    expect(page.get_by_role("heading", name="Results", level=1)).to_be_visible()
    settled(page)
    page.get_by_role("link", name="Attack a picture", exact=True).click()
    expect(page.get_by_role("radio", name="Picture K")).to_be_visible()
    settled(page)
    assert [query[:4] for query in addresses(page)] == ["?ra_", "?ra_", "?ra_", "", ""]
    assert pictures(page) == chosen


def _k_has_a_grid_of_its_own(page: Page) -> None:
    """And a picture that is taken from it is marked, and in the address."""
    before = page.locator(".thumb").first.get_attribute("data-ref")
    page.get_by_role("radio", name="Picture K").click()
    expect(page.locator(".thumb").first).not_to_have_attribute("data-ref", before or "")
    chosen = page.locator(".thumb").nth(3)
    reference = chosen.get_attribute("data-ref")
    chosen.click()
    page.wait_for_url(f"**ra_source={reference}**")
    expect(page.get_by_role("radio", name="Picture K")).to_have_attribute("aria-checked", "true")
    expect(page.locator(".thumb").nth(3).locator(".mark")).to_have_text("K")


def test_a_result_opened_from_the_list_is_one_entry(visit: Open, result: str) -> None:
    page = visit("/runs")
    page.locator(".sortable a").first.click()
    page.wait_for_url("**run=**")
    expect(page.get_by_text("Take it with you").first).to_be_visible()
    settled(page)
    assert page.evaluate("navigation.entries().length") == 2
    page.go_back()
    expect(page.get_by_role("heading", name="Results", level=1)).to_be_visible()
    settled(page)
    assert page.url.endswith("/runs")
