"""The living map in a real browser: it blends as numpy does, and asks the server nothing while it moves."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect

from engine.experiments.pair.results import PairResult
from engine.experiments.synthesis.results import ModesResult
from engine.images import to_bytes
from engine.records import Store
from engine.serving import Server
from pages.shared import living_map
from pages.shared.living_map.scene import blend_at, hull_scene, path_scene, unpacked
from tests.e2e.actions import settled
from tests.pages.every_figure import pair, shipped

pytestmark = pytest.mark.browser

Open = Callable[..., Page]

SCRIPTS = [Path(living_map.__file__).with_name(f"{name}.js") for name in ("blend", "ground")]

READ = """packed => {
    const bytes = Uint8Array.from(atob(packed), letter => letter.charCodeAt(0))
    window.scene = fill(header(bytes), bytes)
}"""

PAINTED = """terms => {
    const [height, width, channels] = scene.shape
    const canvas = Object.assign(document.createElement("canvas"), { width, height })
    paint(canvas, scene.shape, blend(scene, terms, new Float64Array(width * height * channels)))
    return Array.from(canvas.getContext("2d").getImageData(0, 0, width, height).data)
}"""

INTERPOLATED = """places => places.map(place => {
    const at = [], by = [], [columns] = scene.map.size
    const count = around(scene.map, ...within(scene.map, ...place), at, by)
    const sum = value => by.slice(0, count).reduce((total, one, k) =>
        total + one * value(at[k] % columns, Math.floor(at[k] / columns)), 0)
    return [sum(i => i), sum((_, j) => j), sum(() => 1), Math.min(...by.slice(0, count)), sum((i, j) =>
        scene.map.hull && i + j > columns - 1 ? 1 : 0)]
})"""

PIXELS = """canvas => Array.from(
    canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data
)"""


@pytest.fixture
def script(browser: Browser) -> Any:
    """A blank page with the arithmetic of the map."""
    page = browser.new_page()
    page.set_content("<p></p>")
    for path in SCRIPTS:
        page.add_script_tag(content=path.read_text())
    yield page
    page.close()


def test_the_browser_blends_as_numpy_does(script: Page) -> None:
    found = pair()
    scene = path_scene(found, found.arrays)
    script.evaluate(READ, base64.b64encode(scene).decode())
    path = found.final
    assert path
    for number, node in enumerate(path.nodes):
        assert np.array_equal(seen(script, [[number, 1]]), to_bytes(node))
    for place in path.places[::97]:
        terms = script.evaluate("place => along(scene.stations, place)", place)
        right = max(1, int(np.searchsorted(path.stations, place)))
        share = (place - path.stations[right - 1]) / np.diff(path.stations)[right - 1]
        ends = path.nodes[right - 1 : right + 1].astype(np.float64)
        blend = ((1 - share) * ends[0] + share * ends[1]).astype(np.float32)
        assert np.array_equal(seen(script, terms), to_bytes(blend))
    for at in ((0, 0), (12.25, 31.5), (40, 40)):
        terms = script.evaluate("at => shares(scene.map, at)", at)
        assert np.array_equal(seen(script, terms), to_bytes(blend_at(scene, at)))


def test_shades_between_measured_points_are_linear_and_made_of_nothing_else(script: Page) -> None:
    modes = shipped("modes", "hull_loss").found(ModesResult)
    for scene, hull in ((path_scene(pair(), pair().arrays), False), (hull_scene(modes, 0), True)):
        last = unpacked(scene)[0]["map"]["size"][0] - 1
        script.evaluate(READ, base64.b64encode(scene).decode())
        places = np.random.default_rng(0).uniform(-5, last + 5, (300, 2))
        found = np.array(script.evaluate(INTERPOLATED, places.tolist()))
        inside = (places.clip(0, last) == places).all(axis=1)
        if hull:
            inside &= places.sum(axis=1) <= last
        assert np.allclose(found[inside, :2], places[inside])
        assert np.allclose(found[:, 2], 1)
        assert (found[:, 3] > -1e-9).all()
        assert not found[:, 4].any(), "a blend that was never measured"


def test_one_place_moves_the_map_the_pictures_and_the_curve(
    visit: Open, server: Server, tab: Page, result: str
) -> None:
    _listen(tab)
    page = visit(f"/real-real?run={result}")
    record = Store(server.store).find(result)
    assert record
    found = record.found(PairResult)
    scene = path_scene(found, found.arrays)
    header = unpacked(scene)[0]
    chart, here = page.locator(".viewer .map"), page.locator(".here canvas")
    expect(chart).to_have_attribute("data-at", re.compile(","))
    settled(page)
    page.evaluate("window.sent = 0")
    chart.scroll_into_view_if_needed()
    box = chart.bounding_box()
    assert box

    place = page.locator(".viewer .place")
    for share in (0.3, 0.7):
        page.mouse.move(box["x"] + share * box["width"], box["y"] + 0.3 * box["height"], steps=3)
        at = at_of(chart)
        assert np.array_equal(pixels(here), to_bytes(blend_at(scene, at)))
        expected = float(np.dot(header["map"]["place"], [*at, 1]))
        expect(place).to_have_text(f"place {expected:.3f}")

    page.mouse.click(box["x"] + 0.5 * box["width"], box["y"] + 0.4 * box["height"])
    held = chart.get_attribute("data-at")
    page.mouse.move(box["x"] + 0.6 * box["width"], box["y"] + 0.8 * box["height"])
    assert chart.get_attribute("data-at") == held
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Save (PNG)").click()
    taken = np.array(Image.open(io.BytesIO(waiting.value.path().read_bytes())).convert("RGB"))
    assert np.array_equal(taken, to_bytes(blend_at(scene, at_of(chart))))

    _obeys_the_keyboard(page, chart, scene)

    page.locator(".viewer .curve").scroll_into_view_if_needed()
    curve = page.locator(".viewer .curve").bounding_box()
    assert curve
    page.mouse.move(curve["x"] + 0.5 * curve["width"], curve["y"] + 10)
    page.mouse.down()
    page.mouse.move(curve["x"] + 0.1 * curve["width"], curve["y"] + 10, steps=4)
    page.mouse.up()
    expect(place).to_have_text("place 0.100")
    slider = page.get_by_role("slider", name="Place between A and C")
    page.get_by_role("button", name="A", exact=True).click()
    slider.focus()
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    expect(place).to_have_text("place 0.020")
    spoken = slider.get_attribute("aria-valuetext") or ""
    assert spoken.startswith("place 0.02. Straight path: ")
    assert "Path found: " in spoken
    on_path = np.dot(header["map"]["place"], [*at_of(chart), 1])
    assert on_path == pytest.approx(0.02, abs=1e-3)
    assert page.evaluate("window.sent") == 0

    _asks_the_detector(page)


def _asks_the_detector(page: Page) -> None:
    """The picture goes to another page, which is one entry of the history."""
    page.get_by_role("button", name="Ask the detector").click()
    page.wait_for_url(re.compile(r"/detector\?.*image=upload"))
    paths = page.evaluate("navigation.entries().map(entry => new URL(entry.url).pathname)")
    assert paths == ["/real-real", "/detector"]


def _obeys_the_keyboard(page: Page, chart: Locator, scene: bytes) -> None:
    """Arrows go from one measured point to the next, and its own loss is spoken."""
    header, arrays = unpacked(scene)
    chart.focus()
    page.keyboard.press("ArrowUp")
    column, row = map(int, at_of(chart))
    point = row * header["map"]["size"][0] + column
    loss, seen_as = arrays["mapLoss"][point], arrays["mapSeen"][point]
    spoken = chart.get_attribute("aria-valuetext") or ""
    assert float(spoken.split(" nats")[0].replace("×10⁻", "e-")) == pytest.approx(loss, rel=0.01)
    assert f"seen as {header['names'][seen_as]}" in spoken
    page.keyboard.press("ArrowRight")
    assert at_of(chart) == [column + 1, row]


def seen(page: Page, terms: list[list[float]]) -> np.ndarray:
    """What the browser paints of a blend, uint8 (H, W, C)."""
    height, width, channels = page.evaluate("scene.shape")
    levels = np.array(page.evaluate(PAINTED, terms)).reshape(height, width, 4)
    return levels[..., :channels]


def pixels(canvas: Locator) -> np.ndarray:
    height, width = (int(canvas.get_attribute(name) or 0) for name in ("height", "width"))
    return np.array(canvas.evaluate(PIXELS)).reshape(height, width, 4)[..., :3]


def at_of(chart: Locator) -> list[float]:
    """Where on its grid a map stands."""
    return [float(one) for one in (chart.get_attribute("data-at") or "").split(",")]


def _listen(page: Page) -> None:
    """Count what the page sends to the server from now on, in window.sent."""
    page.add_init_script(
        "const send = WebSocket.prototype.send;"
        "WebSocket.prototype.send = function (...data) {"
        "  window.sent = (window.sent ?? 0) + 1; return send.apply(this, data) }"
    )
