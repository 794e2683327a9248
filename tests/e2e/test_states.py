"""What goes wrong, and what goes on meanwhile: jobs, bad links, bad pictures, small screens, both themes."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.e2e.actions import STRAIGHT, press_connect

pytestmark = pytest.mark.browser

Open = Callable[..., Page]

LONG = "rr_stop=iterations&rr_iterations=100000&rr_rounds=8&rr_threshold=1e-06"
OVERFLOW = """() => {
    const main = document.querySelector('[data-testid=stMain]')
    return Math.max(main.scrollWidth - main.clientWidth,
                    document.documentElement.scrollWidth - window.innerWidth)
}"""


def test_a_search_is_seen_everywhere_survives_a_reload_and_is_cancelled(
    visit: Open, result: str
) -> None:
    page = visit(f"/real-real?{LONG}")
    expect(page.get_by_text("Between them stands a barrier")).to_be_visible()
    press_connect(page)
    page.wait_for_url("**run=**")
    expect(page.get_by_text("Round 1 ·").first).to_be_visible()
    address = page.url
    page.get_by_role("link", name="Results", exact=True).click()
    expect(page.get_by_role("heading", name="Under way")).to_be_visible()
    expect(page.get_by_test_id("stSidebar").get_by_role("button", name="Cancel")).to_be_visible()
    page.goto(address)
    expect(page.get_by_test_id("stMain").get_by_role("button", name="Cancel")).to_be_visible()
    page.get_by_test_id("stMain").get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("nothing is lost")).to_be_visible(timeout=10_000)
    expect(page.get_by_role("button", name="Start again")).to_be_visible()


def test_a_malformed_link_is_explained(visit: Open, result: str) -> None:
    page = visit("/real-real?run=%2e%2e%2fetc%2fpasswd")
    expect(page.get_by_text("is not the key of a record")).to_be_visible()
    page.get_by_role("button", name="Start afresh").click()
    expect(page.get_by_text("is not the key of a record")).to_have_count(0)
    expect(page.get_by_text("Between them stands a barrier")).to_be_visible()
    expect(page).not_to_have_url(re.compile("run="))


def test_bad_pictures_are_refused_in_words_and_the_server_lives(visit: Open, result: str) -> None:
    page = visit(STRAIGHT)
    expect(page.get_by_text("Between them stands a barrier")).to_be_visible()
    for name, data, words in (
        ("torn.png", b"\x89PNG\r\n\x1a\n torn", "torn.png"),
        ("dance.gif", _animation(), "animated"),
        ("bomb.png", _bomb(), "bomb.png"),
    ):
        page.locator("input[type=file]").set_input_files(
            [{"name": name, "mimeType": f"image/{name[-3:]}", "buffer": data}]
        )
        expect(page.get_by_test_id("stAlert").filter(has_text=words)).to_be_visible()
    expect(page.get_by_text("Between them stands a barrier")).to_be_visible()


def test_ones_own_picture_takes_part(visit: Open, result: str) -> None:
    page = visit(STRAIGHT)
    expect(page.get_by_text("Between them stands a barrier")).to_be_visible()
    noise = np.random.default_rng(3).integers(0, 256, (48, 64, 4), dtype=np.uint8)
    page.locator("input[type=file]").set_input_files(
        [{"name": "mine.png", "mimeType": "image/png", "buffer": _file(noise, "PNG")}]
    )
    page.wait_for_url("**rr_first=upload**")
    expect(page.get_by_role("radio", name="Picture A: mine.png")).to_be_visible()
    expect(page.get_by_text("The classifier sees", exact=False).first).to_be_visible()


@pytest.mark.parametrize(
    "path",
    ["/", "/real-real", "/real-real?run={result}", "/real-adversarial", "/untrained", "/runs"],
)
def test_nothing_overflows_on_a_phone(visit: Open, result: str, path: str) -> None:
    page = visit(path.format(result=result), width=390)
    expect(page.get_by_test_id("stMain").get_by_role("heading", level=1)).to_be_visible()
    _settled(page)
    assert page.evaluate(OVERFLOW) <= 0


def test_both_themes_are_readable(visit: Open, result: str) -> None:
    ratios = []
    for theme in ("light", "dark"):
        page = visit(f"/real-real?run={result}", theme=theme)
        heading = page.get_by_role("heading", name="Connect two pictures")
        expect(heading).to_be_visible()
        ink = heading.evaluate("e => getComputedStyle(e).color")
        ground = page.get_by_test_id("stApp").evaluate("e => getComputedStyle(e).backgroundColor")
        ratios.append(_contrast(ink, ground))
        assert (_luminance(ground) > 0.5) == (theme == "light")
    assert min(ratios) > 7


def test_two_results_are_compared_and_one_deleted(visit: Open, result: str) -> None:
    page = visit(
        "/real-real?rr_classifier=digits-resnet&rr_dataset=digits&rr_first=184&rr_second=264&rr_rounds=1"
    )
    expect(page.get_by_text("Between them stands a barrier")).to_be_visible()
    press_connect(page)
    expect(page.get_by_text("Take it with you")).to_be_visible()
    page.wait_for_url("**run=**")
    second = page.url.split("run=")[1].split("&")[0]
    page = visit("/runs")
    for key in (result, second):
        _choose(page, key)
    expect(page.get_by_role("heading", name="Side by side")).to_be_visible()
    page = visit("/runs")
    _choose(page, second)
    page.get_by_role("button", name="Delete this result").click()
    page.get_by_role("button", name="Yes, delete").click()
    expect(page.get_by_text("Deleted 1 result.")).to_be_visible()


def test_the_server_never_loads_torch(visit: Open, server: Any, result: str) -> None:
    """After a whole story: what the process has mapped tells what it has loaded."""
    maps = Path(f"/proc/{server.process.pid}/maps")
    if not maps.exists():
        pytest.skip("needs /proc, which tells what a process has loaded")
    expect(visit(f"/real-real?run={result}").get_by_text("Take it with you")).to_be_visible()
    expect(visit("/real-adversarial").get_by_text("What the classifier sees")).to_be_visible()
    assert "numpy" in maps.read_text()
    assert "torch" not in maps.read_text()


def _choose(page: Page, key: str) -> None:
    row = page.get_by_role("row").filter(has=page.locator(f"[title='{key}']"))
    _settled(page)
    row.get_by_role("checkbox").check()
    expect(page.get_by_test_id("stMain").get_by_text(f"({key[:8]})").first).to_be_visible()


def _settled(page: Page) -> None:
    page.wait_for_function(
        "!document.querySelector('[data-testid=stStatusWidget]')"
        " && !document.querySelector('[data-testid=stProgress]')"
    )
    page.wait_for_timeout(1000)


def _file(image: np.ndarray, kind: str, **how: object) -> bytes:
    file = io.BytesIO()
    Image.fromarray(image).save(file, kind, **how)
    return file.getvalue()


def _animation() -> bytes:
    frames = [Image.new("RGB", (8, 8), color) for color in ("red", "blue")]
    file = io.BytesIO()
    frames[0].save(file, "GIF", save_all=True, append_images=frames[1:])
    return file.getvalue()


def _bomb() -> bytes:
    """A small file that says that it holds 400 million pixels."""
    file = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(file, "PNG")
    return file.getvalue()


def _luminance(color: str) -> float:
    levels = [float(part) / 255 for part in color[color.index("(") + 1 : -1].split(",")[:3]]
    linear = [v / 12.92 if v <= 0.03928 else ((v + 0.055) / 1.055) ** 2.4 for v in levels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)
