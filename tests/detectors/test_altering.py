"""Altered clean pictures: what was done is what is said, on the levels of a file, drawn by the seed."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from engine.detectors.altering import (
    COPIES,
    FAMILIES,
    KINDS,
    altered,
    altered_copies,
    families_of,
    heeded,
)
from engine.images import to_bytes, to_pixels
from engine.random import generator


def pictures(channels: int = 3, count: int = 8) -> np.ndarray:
    """Smooth pictures of 16 pixels, between black and white."""
    rows, columns = np.mgrid[:16, :16] / 15
    phases = np.arange(count * channels).reshape(count, channels, 1, 1)
    return to_pixels(to_bytes(0.5 + 0.3 * np.sin(3 * rows + 4 * columns + phases)))


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_gives_other_pictures_that_a_file_keeps(kind, channels):
    clean = pictures(channels)
    made = altered(clean, *KINDS[kind], generator(1, "test"))
    assert made.shape == clean.shape
    assert made.dtype == np.float32
    assert np.array_equal(to_pixels(to_bytes(made)), made)
    assert (made != clean).any(axis=(1, 2, 3)).all()
    assert np.array_equal(made, altered(clean, *KINDS[kind], generator(1, "test")))


def test_noise_is_as_large_as_it_says():
    clean = pictures(count=40)
    for size in (0.01, 0.05):
        made = altered(clean, "noise", size, generator(0, "test"))
        assert (made - clean).std() == pytest.approx(size, rel=0.1)
        assert abs((made - clean).mean()) < size / 10


def test_grain_is_as_large_as_it_says_in_white_and_falls_with_the_root_of_brightness():
    for level, size in ((100, 0.02), (200, 0.1)):
        grey = to_pixels(np.full((1, 64, 64, 3), level, dtype=np.uint8))
        made = altered(grey, "grain", size, generator(0, "test"))
        assert (made - grey).std() == pytest.approx(size * (level / 255) ** 0.5, rel=0.1)
    black = to_pixels(np.zeros((1, 64, 64, 3), dtype=np.uint8))
    assert np.array_equal(altered(black, "grain", 0.1, generator(0, "test")), black)


@pytest.mark.parametrize("name", FAMILIES)
def test_strengths_lie_evenly_between_least_and_most_or_their_logarithms_do(name):
    family = FAMILIES[name]
    assert family.drawn(0) == pytest.approx(family.least)
    assert family.drawn(1) == pytest.approx(family.most)
    middle = (
        (family.least * family.most) ** 0.5 if family.factor else (family.least + family.most) / 2
    )
    assert family.drawn(0.5) == pytest.approx(middle)
    assert all(family.least <= strength <= family.most for strength in family.tested)


def test_light_changes_brightness_and_contrast_by_its_factor():
    clean, draws = pictures(), generator(0, "test")
    brighter = altered(clean, "brightness", 0.75, draws)
    assert np.allclose(brighter, 0.75 * clean, atol=0.6 / 255)
    flat = altered(clean, "contrast", 0.5, draws)
    assert np.allclose(flat.mean((1, 2, 3)), clean.mean((1, 2, 3)), atol=1 / 255)
    assert np.allclose(flat.std((1, 2, 3)), clean.std((1, 2, 3)) / 2, atol=1 / 255)


def test_a_jpeg_is_that_of_a_file():
    clean, made = pictures(count=1), altered(pictures(count=1), "jpeg", 60, generator(0, "test"))
    file = io.BytesIO()
    Image.fromarray(to_bytes(clean)[0]).save(file, format="JPEG", quality=60)
    assert np.array_equal(to_bytes(made)[0], np.asarray(Image.open(file)))


def test_every_picture_is_altered_in_every_way_half_of_them_strongly():
    names, halves = families_of(80, COPIES)
    for k in range(80):
        assert sorted(names[k::80]) == sorted(FAMILIES)
    for name in FAMILIES:
        assert halves[names == name].mean() == pytest.approx(0.5, abs=0.05)
    single, _ = families_of(70, 1)
    assert {name: (single == name).sum() for name in FAMILIES} == dict.fromkeys(FAMILIES, 10)


def test_copies_are_those_of_their_pictures_as_strong_as_their_half():
    clean = pictures(count=16)
    copies = altered_copies(clean, generator(3, "test"), COPIES)
    assert copies.shape == (len(clean) * COPIES, *clean.shape[1:])
    family = FAMILIES["brightness"]
    factors: dict[bool, list[float]] = {False: [], True: []}
    for k, (name, half) in enumerate(zip(*families_of(len(clean), COPIES), strict=True)):
        if name == "brightness":
            factors[bool(half)].append(copies[k].mean() / clean[k % len(clean)].mean())
    middle = family.drawn(0.5)
    assert all(family.least - 0.02 <= one <= middle + 0.02 for one in factors[False])
    assert all(middle - 0.02 <= one <= family.most + 0.02 for one in factors[True])
    assert len({round(one, 2) for one in factors[True]}) > 1


def test_a_third_of_the_misclassified_is_heeded():
    as_before = np.random.default_rng(0).random(500) < 0.8
    kept = heeded(as_before)
    assert np.array_equal(kept, np.unique(kept))
    assert np.isin(np.flatnonzero(as_before), kept).all()
    errors = np.flatnonzero(~as_before)
    assert np.isin(errors, kept).sum() == -(-len(errors) // 3)
