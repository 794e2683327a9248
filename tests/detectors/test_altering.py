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


def test_families_are_as_frequent_as_they_say_and_a_picture_s_copies_unlike():
    names = families_of(70)
    assert len(names) == 70 * COPIES
    shares = {name: family.share for name, family in FAMILIES.items()}
    one = 70 * COPIES // sum(shares.values())
    assert {name: names.count(name) for name in FAMILIES} == {n: one * s for n, s in shares.items()}
    for k in range(70):
        assert len(set(names[k::70])) >= COPIES - 1
    clean = pictures()
    copies = altered_copies(clean, generator(3, "test"))
    assert copies.shape == (len(clean) * COPIES, *clean.shape[1:])
    light = [k for k, name in enumerate(families_of(len(clean))) if name == "brightness"]
    factors = [copies[k].mean() / clean[k % len(clean)].mean() for k in light]
    least, most = FAMILIES["brightness"].least, FAMILIES["brightness"].most
    assert all(least - 0.02 <= factor <= most + 0.02 for factor in factors)
    assert len({round(factor, 2) for factor in factors}) > 1
