"""What goes on in the background, and what every page keeps: jobs, files, small screens, both themes."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from engine.experiments.pair.real_real import RealReal
from engine.records import Store, run
from engine.serving import Server
from tests.e2e.actions import STRAIGHT, addresses, press_connect, settled, shut_out

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
    expect(page.get_by_text("nothing is lost")).to_be_visible()
    expect(page.get_by_role("button", name="Start again")).to_be_visible()


def test_ones_own_pictures_take_part_or_are_refused_in_words(visit: Open, result: str) -> None:
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
    noise = np.random.default_rng(3).integers(0, 256, (48, 64, 4), dtype=np.uint8)
    page.locator("input[type=file]").set_input_files(
        [{"name": "mine.png", "mimeType": "image/png", "buffer": _file(noise, "PNG")}]
    )
    page.wait_for_url("**rr_first=upload**")
    expect(page.get_by_role("radio", name="Picture A: mine.png")).to_be_visible()
    expect(page.get_by_text("The classifier sees", exact=False).first).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_page_fits_a_phone_keeps_nobody_out_and_leaves_its_address(
    visit: Open, server: Server, result: str, theme: str
) -> None:
    """What a page chooses by itself is not in the address; and no page makes the server load torch."""
    pages = {
        "light": ("", "real-adversarial", "manifold", "runs"),
        "dark": ("real-real", "untrained", "detector", f"real-real?run={result}"),
    }[theme]
    page, queries = visit(f"/{pages[0]}", width=390, theme=theme), []
    for path in pages:
        if queries:
            page.goto(f"{server.url}/{path}")
        queries.append(path[path.index("?") :] if "?" in path else "")
        heading = page.get_by_test_id("stMain").get_by_role("heading", level=1)
        expect(heading).to_be_visible()
        settled(page)
        assert page.evaluate(OVERFLOW) <= 0, path
        assert addresses(page) == queries, path
        ink = heading.evaluate("e => getComputedStyle(e).color")
        ground = page.get_by_test_id("stApp").evaluate("e => getComputedStyle(e).backgroundColor")
        assert _contrast(ink, ground) > 7
        assert (_luminance(ground) > 0.5) == (theme == "light")
        assert not shut_out(page), path
    maps = Path(f"/proc/{server.process.pid}/maps")
    if maps.exists():  # which tells what a process has loaded
        assert "numpy" in maps.read_text()
        assert "torch" not in maps.read_text()


def test_two_results_are_compared_and_one_deleted(visit: Open, server: Server, result: str) -> None:
    tiny = RealReal("digits-resnet", "digits", first="184", second="264", plane_resolution=0)
    second = run(tiny, store=Store(server.store)).key
    page = visit("/runs")
    for key in (result, second):
        _choose(page, key)
    expect(page.get_by_role("heading", name="Side by side")).to_be_visible()
    page = visit("/runs")
    _choose(page, second)
    page.get_by_role("button", name="Delete this result").click()
    page.get_by_role("button", name="Yes, delete").click()
    expect(page.get_by_text("Deleted 1 result.")).to_be_visible()


def _choose(page: Page, key: str) -> None:
    row = page.get_by_role("row").filter(has=page.locator(f"[title='{key}']"))
    settled(page)
    row.get_by_role("checkbox").check()
    expect(page.get_by_test_id("stMain").get_by_text(f"({key[:8]})").first).to_be_visible()


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
