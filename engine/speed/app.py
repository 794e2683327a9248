"""The app's own speed: from a click to what one waits for, in real Chromium against a server of its own."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from engine.errors import IsthmusError
from engine.progress import SILENT, Reporter
from engine.serving import FLAGS, STILL, Server, chromium, start, stop
from engine.speed.rows import AppRow, Times

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

PATIENCE_MS = 60_000
REST_SECONDS, REST_SHARE = 2.0, 0.1
"""A server rests when it and its workers took no more than this share of a core for so long."""

BARS = {
    "first page": 1.5,
    "page switch": 0.3,
    "stored result": 0.5,
    "slider": 0.1,
    "lattice": 0.1,
    "straight path": 1.0,
    "connect: first words": 2.0,
    "connect: verdict": 2.0,
    "attack": 2.0,
    "attacked pair: verdict": 2.0,
    "is it an attack?": 2.0,
    "grow: first picture": 2.0,
    "server, a page run": 0.15,
}
"""Seconds that each may take: of the server's processor the last one, on the clock the others."""

WATCH = """([pressed, tests]) => {
    const all = (what, root = document) => [...root.querySelectorAll("*")].flatMap(one =>
        [...(one.matches(what) ? [one] : []), ...(one.shadowRoot ? all(what, one.shadowRoot) : [])])
    const main = () => document.querySelector("[data-testid=stMain]")
    const has = words => main()?.innerText.includes(words)
    const titled = words => main()?.querySelector("h1")?.innerText === words
    const works = () => document.querySelector("[data-testid=stProgress], [data-testid=stSpinner]")
    const watch = { from: pressed ? null : 0, took: {} }
    window.isthmusWatch = watch
    for (const event of ["pointerdown", "keydown"])
        addEventListener(event, () => watch.from ??= performance.now(), { capture: true, once: true })
    const left = tests.map(([name, test]) =>
        [name, new Function("all", "has", "titled", "works", `return ${test}`)])
    const look = () => {
        while (watch.from !== null && left.length && left[0][1](all, has, titled, works))
            watch.took[left.shift()[0]] = performance.now() - watch.from
        if (left.length) setTimeout(look, 4)
        else watch.over = true
    }
    look()
}"""
"""Milliseconds from the next press, or since the page was asked for, until each test in JavaScript holds."""

STRAIGHT = "/real-real?rr_split=test"
PAGES = (
    "Connect two pictures",
    "Attack a picture",
    "Grow pictures",
    "Why it works",
    "Is it an attack?",
    "Does it hold?",
    "Results",
)
"""What is switched to: links and titles of pages."""


def measure_app(turns: int = 3, report: Reporter = SILENT) -> Iterator[AppRow]:
    """A row for each of `BARS`, each turn with a new server, a new store and a new browser.

    IsthmusError where Playwright or Chromium is missing.
    """
    path = chromium()
    if path is None or find_spec("playwright") is None:
        raise IsthmusError(
            "The app's speed is measured in a browser, which needs Chromium and Playwright. Install "
            "Debian's `chromium`, and Playwright with `pip install -r requirements-dev.txt`."
        )
    taken: dict[str, list[float]] = {name: [] for name in BARS}
    for turn in range(turns):
        report(turn, turns, stage="A visit to a new server")
        with visiting(path) as visit:
            for name, seconds in visit.whole():
                taken[name].append(seconds)
    for name, times in taken.items():
        yield AppRow(name, Times(tuple(times)), BARS[name])


@contextmanager
def visiting(path: str) -> Iterator[Visit]:
    """A new visitor of a new server, with the Chromium at `path`."""
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        server = start(Path(folder) / "store")
        try:
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            page.set_default_timeout(PATIENCE_MS)
            yield Visit(page, server)
        finally:
            stop(server)
            browser.close()


@dataclass(frozen=True)
class Visit:
    """One visitor's browser on one server."""

    page: Page
    server: Server

    def whole(self) -> Iterator[tuple[str, float]]:
        """Everything that is measured, by its name in `BARS`."""
        self.page.goto(self.server.url)
        yield from self._watched({"first page": "all('.viewer .map[data-at]').length"})
        self._await_rest()
        yield from self._switches()
        yield from self.stored()
        yield from self._straight()
        yield from self._clicks()

    def _switches(self) -> Iterator[tuple[str, float]]:
        """Each page for the second time, for at first a browser fetches what it needs for it."""
        took: list[tuple[str, float]] = []
        for _ in range(2):
            took, begun = [], self._server_seconds()
            for title in PAGES:
                link = self.page.get_by_role("link", name=title, exact=True)
                took += self._watched({"page switch": f"titled({title!r})"}, link)
                self._still()
        yield from took
        yield "server, a page run", (self._server_seconds() - begun) / len(PAGES)

    def stored(self) -> Iterator[tuple[str, float]]:
        """A finished result, and what the browser does by itself on two pages."""
        self._open("/")
        card = self.page.get_by_test_id("stMain").get_by_role("link", name="Open").first
        yield from self._watched({"stored result": "has('Connected: no point')"}, card)
        yield from self._moved("slider", "Place between A and C", ".viewer .place")
        self._open("/untrained")
        sites = "Probability p that a site is occupied"
        yield from self._moved("lattice", sites, ".lattice .value")

    def _straight(self) -> Iterator[tuple[str, float]]:
        self._open(STRAIGHT)
        seen = "document.querySelector('[data-testid=stMain]').innerText.match(/The classifier sees.*/)?.[0]"
        for place in (5, 9, 3):
            said = json.dumps(self.page.evaluate(seen))
            thumb = self.page.locator(".thumb").nth(place)
            yield from self._watched(
                {"straight path": f"![undefined, {said}].includes({seen})"}, thumb
            )
            self._still()

    def _clicks(self) -> Iterator[tuple[str, float]]:
        self._open(STRAIGHT)
        verdict = """[...document.querySelectorAll('[data-testid=stAlert]')]
            .some(one => one.innerText.includes('onnected'))"""
        answers = {"connect: first words": "has('onnected: ')", "connect: verdict": verdict}
        yield from self._watched(answers, self._button("Connect"))
        self._open("/real-adversarial?ra_split=test")
        self.page.get_by_role("radio", name="Picture K").click()
        picture = ".attack img.k"
        shown = json.dumps(self.page.locator(picture).get_attribute("src"))
        new = f"![undefined, {shown}].includes(all({picture!r})[0]?.src)"
        yield from self._watched({"attack": new}, self.page.locator(".thumb").last)
        yield from self._watched({"attacked pair: verdict": verdict}, self._button("Connect"))
        self._open("/detector")
        judged = "location.search.includes('run=') && has('as the classifier sees it') && !works()"
        button = self._button("One and its attack")
        yield from self._watched({"is it an attack?": judged}, button)
        self._open("/manifold?mf_label=heart")
        grown = "document.querySelector('img[alt^=\"What is being made\"]')"
        button = self._button("Make and connect")
        yield from self._watched({"grow: first picture": grown}, button)

    def _watched(
        self, tests: Mapping[str, str], press: Locator | None = None, key: str = ""
    ) -> list[tuple[str, float]]:
        """Seconds until each test holds: from a click, or a key, or else since the page was asked for."""
        self.page.evaluate(WATCH, [press is not None, list(tests.items())])
        if press and key:
            press.press(key)
        elif press:
            press.click()
        self.page.wait_for_function("window.isthmusWatch.over", polling=20)
        took: dict[str, float] = self.page.evaluate("window.isthmusWatch.took")
        return [(name, took[name] / 1000) for name in tests]

    def _moved(self, name: str, slider: str, words: str) -> list[tuple[str, float]]:
        """What it takes until a slider's words change."""
        said = json.dumps(self.page.locator(words).inner_text())
        self._still()
        test = f"all({words!r})[0].innerText !== {said}"
        return self._watched(
            {name: test}, self.page.get_by_role("slider", name=slider), "ArrowLeft"
        )

    def _open(self, path: str) -> None:
        self.page.goto(self.server.url + path)
        self.page.get_by_test_id("stMain").get_by_role("heading", level=1).wait_for()
        self._still()

    def _still(self) -> None:
        self.page.evaluate("window.lastSeen = null")
        self.page.wait_for_function(STILL, polling=100)

    def _button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    def _server_seconds(self) -> float:
        """What the server's own process has had of the processor."""
        times = psutil.Process(self.server.process.pid).cpu_times()
        return float(times.user + times.system)

    def _await_rest(self) -> None:
        """Wait until nobody computes any more: the workers import at first what every job needs."""
        server = psutil.Process(self.server.process.pid)
        rested, before = 0.0, -1.0
        while rested < REST_SECONDS:
            time.sleep(REST_SECONDS / 4)
            times = [one.cpu_times() for one in (server, *server.children(recursive=True))]
            now = sum(one.user + one.system for one in times)
            rested = (
                rested + REST_SECONDS / 4 if now - before < REST_SHARE * REST_SECONDS / 4 else 0.0
            )
            before = now
