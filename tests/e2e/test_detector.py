"""The detector, as a visitor lives it: upload a picture and its attacked twin, and learn which is which."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

import engine
from engine.images import encode_png, to_bytes, to_pixels

pytestmark = pytest.mark.browser

Open = Callable[..., Page]

JUDGED_MS = 120_000
"""A verdict takes a second or two on an idle machine, and starts a worker first."""


@pytest.fixture(scope="module")
def twins(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A picture of the set and its adversarial twin, as PNG files."""
    classifier = engine.load_classifier("shapes-resnet")
    data = engine.load_dataset("shapes", split="test")
    pixels = to_pixels(data.images[:20])
    found = engine.attack("pgd", classifier, pixels, data.labels[:20])
    rounded = to_pixels(to_bytes(found.images.numpy()))
    clean, attacked = (classifier(images).argmax(1).numpy() for images in (pixels, rounded))
    chosen = int(np.flatnonzero((clean == data.labels[:20]) & (attacked != clean))[0])
    folder = tmp_path_factory.mktemp("twins")
    for name, images in (("clean", pixels), ("attacked", rounded)):
        (folder / f"{name}.png").write_bytes(encode_png(to_bytes(images[chosen])))
    return folder / "clean.png", folder / "attacked.png"


def test_a_picture_and_its_attacked_twin_are_told_apart(
    visit: Open, twins: tuple[Path, Path]
) -> None:
    page = visit("/detector?dt_classifier=shapes-resnet")
    expect(page.get_by_text("No image yet")).to_be_visible()
    page.locator("input[type=file]").set_input_files([str(path) for path in twins])
    expect(page.get_by_text("1 of 2 images looks attacked")).to_be_visible(timeout=JUDGED_MS)
    # The more suspicious one is explained at first.
    expect(page.get_by_text("attacked.png, as the classifier sees it")).to_be_visible()
    expect(page.get_by_text("What each detector says")).to_be_visible()
    page.wait_for_url("**run=*")


def test_the_shipped_example_and_benchmark_open_at_once(visit: Open) -> None:
    page = visit("/detector")
    expect(page.get_by_text("1 of 2 images looks attacked")).to_be_visible()
    expect(page.get_by_text("What moved the score")).to_be_visible()
    page.get_by_text("Benchmark", exact=True).click()
    expect(page.get_by_text("has the highest mean AUC")).to_be_visible()
    expect(page.get_by_role("columnheader", name="FGSM").first).to_be_visible()
