"""A network that does not know what the pictures show, by an address: the page says so and stops."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.serving import Server, start, stop

pytestmark = pytest.mark.browser

Open = Callable[..., Page]


def nothing_more(page: Page) -> None:
    """Neither a ranking, nor a grid, nor a path, nor a verdict."""
    main = page.get_by_test_id("stMain")
    for nonsense in ("correctly classified as", "lowest loss first", "The classifier sees"):
        expect(main.get_by_text(nonsense)).to_have_count(0)
    expect(main.get_by_test_id("stAlertContentSuccess")).to_have_count(0)
    expect(page.get_by_role("button", name="Connect", exact=True)).to_have_count(0)
    expect(main.locator("canvas, .vega-embed")).to_have_count(0)


def test_a_set_of_other_classes_is_named_and_left_by_a_click(visit: Open) -> None:
    page = visit("/real-real?rr_classifier=digits-resnet&rr_dataset=shapes")
    expect(page.get_by_text("they have no class in common")).to_be_visible()
    expect(page.get_by_text("digits-resnet tells apart 10 classes (0, 1, 2 ...)")).to_be_visible()
    nothing_more(page)
    page.get_by_role("button", name="Take the image set digits").click()
    expect(page.get_by_text("pictures that are correctly classified as 0")).to_be_visible()
    expect(page.get_by_role("combobox", name="Class", exact=True)).to_have_value("0")
    expect(page.get_by_text("The classifier sees", exact=False).first).to_be_visible()
    expect(page.get_by_text("they have no class in common")).to_have_count(0)


def test_an_address_that_names_a_network_alone_brings_its_set(visit: Open) -> None:
    page = visit("/real-real?rr_classifier=digits-resnet")
    expect(page.get_by_text("The classifier sees", exact=False).first).to_be_visible()
    expect(page.get_by_role("combobox", name="Image set")).to_have_value("digits")
    expect(page.get_by_text("no class in common")).to_have_count(0)


@pytest.fixture
def with_data(data_folder: Path, tmp_path: Path, browser: Browser) -> Iterator[Server]:
    """A server that finds the weights and images that do not ship."""
    running = start(tmp_path / "store", ISTHMUS_DATA=str(data_folder))
    yield running
    stop(running)


@pytest.mark.data
def test_discs_are_no_airplanes(visit: Open, with_data: Server) -> None:
    page = visit("/real-real?rr_classifier=vgg16-cifar10&rr_dataset=shapes", at=with_data)
    expect(page.get_by_text("vgg16-cifar10 tells apart 10 classes (airplane, ")).to_be_visible()
    nothing_more(page)
    page = visit("/real-real?rr_classifier=vgg16-cifar10", at=with_data)
    expect(page.get_by_role("combobox", name="Image set")).to_have_value("cifar10")
    # How long ranking takes is the machine's affair: it has begun, or its pictures are there.
    begun = page.get_by_text(re.compile("Ranking images .*cifar10, vgg16-cifar10"))
    there = page.get_by_role("group", name="Pictures to choose from")
    expect(begun.or_(there).first).to_be_visible()
