"""Fitting, converting and encoding: exact where they can be, torchvision's where that is the rule."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image

from engine.errors import ImageError
from engine.images import (
    amplify,
    animate,
    decode,
    encode_png,
    fit,
    thumbnail,
    to_bytes,
    to_pixels,
    with_channels,
)

sides = st.integers(1, 40)
pictures = st.builds(lambda h, w, c: (h, w, c), sides, sides, st.sampled_from([1, 3])).flatmap(
    lambda shape: arrays(np.uint8, shape)
)


@given(pictures)
def test_png_keeps_every_pixel(picture: np.ndarray) -> None:
    np.testing.assert_array_equal(decode(encode_png(picture)), with_channels(picture, 3))


@given(
    st.tuples(st.integers(1, 3), sides, sides, st.sampled_from([1, 3])).flatmap(
        lambda shape: arrays(np.uint8, shape)
    )
)
def test_bytes_to_pixels_and_back(images: np.ndarray) -> None:
    pixels = to_pixels(images)
    assert pixels.dtype == np.float32
    assert pixels.shape == (len(images), images.shape[3], *images.shape[1:3])
    assert pixels.min() >= 0
    assert pixels.max() <= 1
    np.testing.assert_array_equal(to_bytes(pixels), images)


@given(arrays(np.float32, (3, 4, 5), elements=st.floats(-3, 3, width=32)))
def test_to_bytes_clips_and_rounds(pixels: np.ndarray) -> None:
    found = to_bytes(pixels).astype(float)
    exact = 255 * np.clip(np.moveaxis(pixels, 0, -1).astype(float), 0, 1)
    assert np.abs(found - exact).max() <= 0.5 + 1e-4


@given(pictures, sides, sides, st.none() | st.integers(1, 60))
def test_fit_gives_the_size_that_was_asked_for(
    picture: np.ndarray, height: int, width: int, resize: int | None
) -> None:
    fitted = fit(picture, height, width, resize)
    assert fitted.dtype == np.uint8
    assert fitted.shape == (height, width, picture.shape[2])
    assert fitted.min() >= picture.min()
    assert fitted.max() <= picture.max()


@given(sides, sides, st.integers(0, 255))
def test_fit_keeps_a_flat_picture_flat(height: int, width: int, level: int) -> None:
    assert (fit(np.full((17, 29, 3), level, dtype=np.uint8), height, width) == level).all()


@pytest.mark.parametrize(
    ("shape", "resized"),
    [
        ((300, 500), (256, 426)),
        ((500, 300), (426, 256)),
        ((256, 256), (256, 256)),
        ((97, 1003), (256, 2647)),
        ((260, 231), (288, 256)),
    ],
)
def test_fit_is_the_transform_of_torchvision(
    shape: tuple[int, int], resized: tuple[int, int]
) -> None:
    """Resize(256) gives the longer side int(256 * longer / shorter); CenterCrop(224) rounds."""
    picture = np.random.default_rng(0).integers(0, 256, (*shape, 3), dtype=np.uint8)
    top, left = (round((side - 224) / 2) for side in resized)
    whole = Image.fromarray(picture).resize(resized[::-1], Image.Resampling.BILINEAR)
    expected = np.asarray(whole)[top : top + 224, left : left + 224]
    np.testing.assert_array_equal(fit(picture, 224, 224, resize=256), expected)


def test_fit_keeps_the_centre_and_the_proportions() -> None:
    picture = np.zeros((40, 120, 3), dtype=np.uint8)
    picture[10:30, 50:70] = 255
    fitted = fit(picture, 20, 20)[:, :, 0]
    expected = np.zeros((20, 20))
    expected[5:15, 5:15] = 255
    assert np.abs(fitted - expected).mean() < 12
    np.testing.assert_array_equal(fitted, fitted.T)


def test_fit_of_a_picture_that_fits_changes_nothing() -> None:
    picture = np.arange(48, dtype=np.uint8).reshape(4, 4, 3)
    np.testing.assert_array_equal(fit(picture, 4, 4), picture)


@pytest.mark.parametrize("shape", [(1, 200_000), (200_000, 1), (3, 90_000), (30, 9_000)])
def test_a_very_elongated_picture_fits_without_a_very_large_one_between(
    shape: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    largest = []
    resize = Image.Image.resize

    def watched(self: Image.Image, size: tuple[int, int], *rest: object) -> Image.Image:
        largest.append(size[0] * size[1])
        return resize(self, size, *rest)

    monkeypatch.setattr(Image.Image, "resize", watched)
    assert fit(np.zeros((*shape, 3), dtype=np.uint8), 224, 224).shape == (224, 224, 3)
    assert max(largest) <= 2**24


def test_an_elongated_picture_for_an_elongated_size_is_whole() -> None:
    picture = np.repeat(np.arange(240, dtype=np.uint8)[None, :, None], 2, axis=0)
    np.testing.assert_array_equal(
        fit(picture, 4, 480)[2, ::2, 0].astype(int) // 8, np.arange(240) // 8
    )


def test_grey_and_colour_convert_into_each_other() -> None:
    grey = np.arange(256, dtype=np.uint8).reshape(16, 16, 1)
    np.testing.assert_array_equal(with_channels(with_channels(grey, 3), 1), grey)
    primaries = np.array([[[255, 0, 0], [0, 255, 0], [0, 0, 255]]], dtype=np.uint8)
    np.testing.assert_array_equal(with_channels(primaries, 1)[0, :, 0], [76, 150, 29])
    with pytest.raises(ImageError, match="use 1 or 3"):
        with_channels(grey, 2)


@pytest.mark.parametrize(("shape", "size"), [((300, 600, 3), (48, 96)), ((8, 8, 1), (96, 96))])
def test_a_thumbnail_has_the_side_asked_for(shape: tuple[int, ...], size: tuple[int, int]) -> None:
    picture = np.random.default_rng(1).integers(0, 256, shape, dtype=np.uint8)
    assert decode(thumbnail(picture, 96)).shape[:2] == size


def test_an_enlarged_thumbnail_stays_sharp() -> None:
    picture = np.array([[[0], [255]]], dtype=np.uint8)
    assert set(np.unique(decode(thumbnail(picture, 50)))) == {0, 255}


@pytest.mark.parametrize("form", ["webp", "gif"])
def test_an_animation_holds_its_frames_and_its_pace(form: str) -> None:
    frames = np.zeros((5, 12, 16, 3), dtype=np.uint8)
    frames[np.arange(5), :, np.arange(5) * 3] = [250, 120, 40]
    with Image.open(io.BytesIO(animate(frames, 80, form))) as film:
        assert (film.n_frames, film.size, film.info.get("loop")) == (5, (16, 12), 0)
        for number, frame in enumerate(frames):
            film.seek(number)
            film.load()
            assert film.info["duration"] == 80
            shown = np.asarray(film.convert("RGB")).astype(int)
            assert np.abs(shown - frame).max() <= (0 if form == "webp" else 4)


@given(arrays(np.float32, (3, 4, 4), elements=st.floats(-1, 1, width=32)))
def test_amplify_centres_at_mid_grey_and_just_fills_the_range(difference: np.ndarray) -> None:
    picture, factor = amplify(difference)
    assert picture.shape == (4, 4, 3)
    exact = 127.5 + 255 * factor * np.moveaxis(difference, 0, -1).astype(float)
    assert np.abs(picture - exact).max() <= 0.5 + 1e-6
    if np.abs(difference).max() > 0:
        assert factor * np.abs(difference).max() == pytest.approx(0.5)
        assert {0, 255} & set(np.unique(picture))


def test_no_difference_is_flat_grey() -> None:
    picture, factor = amplify(np.zeros((1, 2, 2)))
    assert factor == 1
    assert (picture == 128).all()


@pytest.mark.parametrize(
    "call",
    [
        lambda: to_bytes(np.full((3, 2, 2), np.nan)),
        lambda: amplify(np.full((3, 2, 2), np.inf)),
        lambda: to_bytes(np.zeros((2, 2))),
        lambda: to_bytes(np.zeros((3, 2, 2), dtype=np.uint8)),
        lambda: to_pixels(np.zeros((1, 2, 2, 3), dtype=np.float32)),
        lambda: to_pixels(np.zeros((2, 2, 3), dtype=np.uint8)),
        lambda: fit(np.zeros((2, 2, 4), dtype=np.uint8), 3, 3),
        lambda: fit(np.zeros((0, 2, 3), dtype=np.uint8), 3, 3),
        lambda: encode_png(np.zeros((2, 2, 3))),
        lambda: thumbnail(np.zeros((2, 2), dtype=np.uint8), 9),
        lambda: animate(np.zeros((0, 2, 2, 3), dtype=np.uint8), 80),
        lambda: animate(np.zeros((1, 2, 2, 3), dtype=np.uint8), 80, "avi"),
    ],
)
def test_wrong_arrays_are_refused(call: object) -> None:
    with pytest.raises(ImageError):
        call()
