"""axe-core on the views that no other test looks at as a whole; the pages themselves are in test_states."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.actions import settled, shut_out

pytestmark = pytest.mark.browser

Open = Callable[..., Page]

VIEWS = {
    "/real-adversarial?ra_view=Population": "dark",
    "/manifold?mf_view=Many+modes": "light",
    "/detector?dt_view=Benchmark": "dark",
    "/claims": "light",
}
"""A view, and the theme that it is looked at in."""


def test_no_view_keeps_anybody_out(visit: Open) -> None:
    found = {}
    for path, theme in VIEWS.items():
        page = visit(path, theme=theme)
        expect(page.get_by_test_id("stMain").get_by_role("heading", level=1)).to_be_visible()
        settled(page)
        found[path] = shut_out(page)
    assert not any(found.values()), found
