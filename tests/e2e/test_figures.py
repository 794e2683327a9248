"""Figures in a real browser: what the pointer is told, wherever it stands."""

from __future__ import annotations

import pytest
import vl_convert
from playwright.sync_api import Page

from engine.plots.files import exported
from tests.e2e.conftest import forget
from tests.pages.every_figure import FIGURES

STEPS = 10
TOLD = "() => document.querySelector('#vg-tooltip-element.visible')?.innerText ?? ''"


@pytest.mark.browser
@pytest.mark.parametrize(
    "name",
    ["curves", "curves of two", "distributions", "histograms", "mean curves", "roc"],
)
def test_the_pointer_is_told_numbers(tab: Page, name: str) -> None:
    page = tab
    forget(page)
    spec = {**exported(FIGURES[name]()[0]), "width": 480}
    page.set_content(vl_convert.vegalite_to_html(spec, bundle=True))
    drawn = page.locator("canvas, svg.marks").first
    drawn.wait_for()
    box = drawn.bounding_box()
    assert box
    told = set()
    for k in range(STEPS * STEPS):
        x, y = (k % STEPS + 0.5) / STEPS, (k // STEPS + 0.5) / STEPS
        page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])
        told.add(page.evaluate(TOLD))
    words = told - {""}
    assert len(words) > 1, "the same wherever the pointer is"
    assert not any(nothing in word for word in words for nothing in ("undefined", "NaN", "null"))
