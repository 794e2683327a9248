"""What is shared of a result: a card of every kind, both paths in motion, what to cite."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from engine.experiments.pair.results import PairResult
from engine.plots.palette import BYPASS, STRAIGHT
from engine.records import Record
from pages.shared.share import PAPER, SOFTWARE
from pages.shared.share.card import FRAMES, SIZE, card, moving, paths_of
from tests.pages.every_figure import shipped

LINK = "https://isthmus.example.org/real-real?run=0123456789abcdef01234567"


def colors(image: Image.Image) -> set[tuple[int, int, int]]:
    return {tuple(row) for row in np.asarray(image.convert("RGB")).reshape(-1, 3).tolist()}


def test_the_card_of_a_pair_shows_both_paths(connected: Record) -> None:
    image = Image.open(io.BytesIO(card(connected, LINK)))
    assert (image.format, image.size) == ("PNG", SIZE)
    there = colors(image)
    for name in (STRAIGHT, BYPASS):
        assert tuple(bytes.fromhex(name[1:])) in there
    pair = connected.found(PairResult)
    first = Image.fromarray(np.asarray(image)[150:270, 224:344])
    assert first.convert("L").getextrema() != (255, 255), pair.status


def test_both_paths_move_there_and_back(connected: Record) -> None:
    image = Image.open(io.BytesIO(moving(connected, LINK)))
    assert image.format == "WEBP"
    assert getattr(image, "n_frames", 1) == 2 * FRAMES - 2
    assert image.info.get("loop") == 0


@pytest.mark.parametrize("kind", ["verdict", "modes", "percolation"])
def test_what_is_no_pair_has_a_card_too(kind: str) -> None:
    record = shipped(kind)
    assert paths_of(record) is None
    assert Image.open(io.BytesIO(card(record, LINK))).size == SIZE


def test_the_citations_are_whole() -> None:
    assert "2409.05800" in PAPER
    for entry in (PAPER, SOFTWARE):
        assert entry.count("{") == entry.count("}")
