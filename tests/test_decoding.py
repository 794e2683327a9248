"""Pictures of every kind come out right, and files meant to harm or to puzzle are refused."""

from __future__ import annotations

import base64
import io
import struct
import zlib
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from engine.decoding import MAX_BYTES, MAX_PIXELS, decode
from engine.errors import ImageError
from engine.images import encode_png
from tests.pictures import chunk, png

RAMP = np.arange(8 * 6 * 3, dtype=np.uint8).reshape(8, 6, 3)
FLAT = Image.new("RGB", (20, 10), (200, 30, 60))


def saved(picture: Image.Image, form: str, **how: object) -> bytes:
    file = io.BytesIO()
    picture.save(file, form, **how)
    return file.getvalue()


def tiff(width: int, bits: int, row: bytes, photometric: int = 1) -> bytes:
    """A grey TIFF file of one row written by hand."""
    tags = {256: width, 257: 1, 258: bits, 259: 1, 262: photometric, 277: 1, 278: 1, 279: len(row)}
    tags[273] = 14 + 12 * (len(tags) + 1)
    entries = (struct.pack("<HHII", tag, 3, 1, tags[tag]) for tag in sorted(tags))
    return b"II*\0" + struct.pack("<IH", 8, len(tags)) + b"".join(entries) + bytes(4) + row


HEIC = base64.b64decode(
    "AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAXxtZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAA"
    "AAAAACJpbG9jAAAAAERAAAEAAQAAAAABoAABAAAAAAAAADYAAAAjaWluZgAAAAAAAQAAABVpbmZlAgAAAAABAABodmMxAAAA"
    "AA5waXRtAAAAAAABAAAA/GlwcnAAAADcaXBjbwAAAHVodmNDAQNwAAAAkAAAAAAAHvAA/P34+AAADwNgAAEAGEABDAH//wNw"
    "AAADAJAAAAMAAAMAHroCQGEAAQApQgEBA3AAAAMAkAAAAwAAAwAeoCCBBZbqrprm4CGgwIAAAAyAAAADAIRiAAEABkQBwXPB"
    "iQAAABNjb2xybmNseAABAA0ABoAAAAAUaXNwZQAAAAAAAABAAAAAQAAAAChjbGFwAAAAFAAAAAEAAAAKAAAAAf///9QAAAAC"
    "////ygAAAAIAAAAQcGl4aQAAAAADCAgIAAAAGGlwbWEAAAAAAAAAAQABBYECAwWEAAAAPm1kYXQAAAAyKAGvBPIWhzRxZNLf"
    "/DD///0xjsv2iBQSbVCOz9BSxGAmv3XroGTEzROpbNAoK6inXqY="
)
"""FLAT as a phone writes it."""


@pytest.mark.parametrize(
    ("form", "how"),
    [
        ("PNG", {}),
        ("BMP", {}),
        ("TIFF", {}),
        ("TIFF", {"compression": "tiff_lzw"}),
        ("WEBP", {"lossless": True}),
    ],
)
def test_lossless_formats_come_back_exactly(form: str, how: dict[str, object]) -> None:
    decoded = decode(saved(Image.fromarray(RAMP), form, **how))
    assert decoded.dtype == np.uint8
    np.testing.assert_array_equal(decoded, RAMP)


@pytest.mark.parametrize("mode", ["CMYK", "L", "RGB", "YCbCr"])
def test_jpeg_of_every_colour_model_keeps_its_colours(mode: str) -> None:
    original = FLAT.convert("L") if mode == "L" else FLAT
    decoded = decode(saved(original.convert(mode), "JPEG", quality=95))
    expected = np.asarray(original.convert("RGB")).astype(int)
    assert decoded.shape == (10, 20, 3)
    assert np.abs(decoded - expected).max() <= 6


def test_sixteen_bit_grey_is_scaled_and_not_clipped() -> None:
    levels = np.array([[0, 257, 32768, 65535]], dtype=np.uint16)
    for form in ("PNG", "TIFF"):
        decoded = decode(saved(Image.fromarray(levels), form))
        np.testing.assert_array_equal(decoded[0, :, 0], [0, 1, 128, 255])
        assert (decoded == decoded[..., :1]).all()


def test_sixteen_bit_colour_is_scaled_and_not_clipped() -> None:
    row = b"\0" + struct.pack(">6H", 65535, 32768, 0, 257, 25700, 514)
    decoded = decode(png(2, 1, depth=16, colour=2, rows=row))
    np.testing.assert_array_equal(decoded, [[[255, 128, 0], [1, 100, 2]]])


def test_twelve_bit_grey_is_not_black() -> None:
    """Packed, or in 16 bits, as cameras write it."""
    for file in (tiff(2, 12, b"\xff\xf8\0"), tiff(2, 16, struct.pack("<2H", 4095, 2048))):
        np.testing.assert_array_equal(decode(file)[0, :, 0], [255, 128])


def test_grey_whose_zero_is_white_is_turned() -> None:
    for bits, row in ((16, struct.pack("<2H", 65535, 0)), (8, bytes([255, 0]))):
        np.testing.assert_array_equal(decode(tiff(2, bits, row, 0))[0, :, 0], [0, 255])


@pytest.mark.parametrize(
    ("depth", "row", "clear", "expected"),
    [
        (2, bytes([0b00011011]), 1, [0, 255, 170, 255]),
        (4, bytes([0x1F, 0x00]), 1, [255, 255, 0, 0]),
        (8, bytes([9, 200, 0, 8]), 9, [255, 200, 0, 8]),
        (16, struct.pack(">4H", 257, 256, 0, 65535), 257, [255, 1, 0, 255]),
    ],
)
def test_a_transparent_level_of_grey_is_white(
    depth: int, row: bytes, clear: int, expected: list[int]
) -> None:
    level = chunk(b"tRNS", struct.pack(">H", clear))
    decoded = decode(png(4, 1, depth=depth, colour=0, rows=b"\0" + row, more=level))
    np.testing.assert_array_equal(decoded[0, :, 0], expected)


@pytest.mark.parametrize(
    ("kind", "head"),
    [(b"zTXt", b"Comment\0\0"), (b"iTXt", b"XML\0\1\0\0\0"), (b"iCCP", b"profile\0\0")],
)
def test_long_texts_and_profiles_do_not_lose_the_picture(kind: bytes, head: bytes) -> None:
    """Pillow reads no more than 1 MB of each."""
    words = chunk(kind, head + zlib.compress(bytes(2_000_000)))
    file = png(2, 1, depth=8, colour=0, rows=b"\0\1\2", more=words)
    np.testing.assert_array_equal(decode(file)[0, :, 0], [1, 2])
    behind = png(2, 1, depth=8, colour=0, rows=b"\0\1\2")[:-12] + words + chunk(b"IEND", b"")
    np.testing.assert_array_equal(decode(behind)[0, :, 0], [1, 2])


def test_a_damaged_remark_does_not_lose_the_picture() -> None:
    remark = bytearray(chunk(b"pHYs", bytes(9)))
    remark[-1] ^= 1
    file = png(2, 1, depth=8, colour=0, rows=b"\0\1\2", more=bytes(remark))
    np.testing.assert_array_equal(decode(file)[0, :, 0], [1, 2])


@pytest.mark.parametrize("tag", [254, 50706])
def test_the_preview_in_a_raw_file_is_not_the_photograph(tag: int) -> None:
    file = saved(FLAT, "TIFF", tiffinfo={tag: 1})
    with pytest.raises(ImageError, match="raw file, whose preview alone"):
        decode(file)


def test_pictures_of_phones_are_read() -> None:
    pytest.importorskip("pillow_heif")
    for file in (HEIC, saved(FLAT, "AVIF")):
        decoded = decode(file)
        assert decoded.shape == (10, 20, 3)
        assert np.abs(decoded[5, 10].astype(int) - [200, 30, 60]).max() <= 3
    for cut in (HEIC[:-30], HEIC[:60]):
        with pytest.raises(ImageError, match="is damaged or incomplete"):
            decode(cut)


def test_a_large_heic_is_refused_before_it_is_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("pillow_heif")
    monkeypatch.setattr("engine.decoding.MAX_PIXELS", 199)
    monkeypatch.setattr("pillow_heif.as_plugin.HeifImageFile.load", lambda self: 1 / 0)
    with pytest.raises(ImageError, match="20 x 10 pixels"):
        decode(HEIC)


def test_portable_anymaps_are_read() -> None:
    np.testing.assert_array_equal(decode(saved(Image.fromarray(RAMP), "PPM")), RAMP)
    deep = b"P5\n2 1\n4095\n" + struct.pack(">2H", 4095, 2048)
    np.testing.assert_array_equal(decode(deep)[0, :, 0], [255, 128])


def test_thirty_two_bit_pictures_are_refused() -> None:
    for numbers in (np.ones((4, 4), np.float32), np.full((4, 4), 70_000, np.int32)):
        with pytest.raises(ImageError, match="32 bits"):
            decode(saved(Image.fromarray(numbers), "TIFF"))


def test_transparency_is_laid_on_white() -> None:
    alpha = np.zeros((1, 3, 4), dtype=np.uint8)
    alpha[0, :, 3] = [0, 255, 51]
    for form in ("PNG", "TIFF"):
        decoded = decode(saved(Image.fromarray(alpha), form))
        np.testing.assert_array_equal(decoded[0, :, 0], [255, 0, 204])


@pytest.mark.parametrize("form", ["PNG", "GIF"])
def test_a_transparent_palette_entry_is_white(form: str) -> None:
    picture = Image.fromarray(np.array([[0, 1, 2]], dtype=np.uint8), mode="P")
    picture.putpalette([10, 20, 30, 250, 0, 0, 0, 0, 250])
    decoded = decode(saved(picture, form, transparency=1))
    np.testing.assert_array_equal(decoded, [[[10, 20, 30], [255, 255, 255], [0, 0, 250]]])


def test_a_transparent_colour_is_white() -> None:
    picture = Image.fromarray(np.array([[[9, 9, 9], [7, 8, 9]]], dtype=np.uint8))
    decoded = decode(saved(picture, "PNG", transparency=(9, 9, 9)))
    np.testing.assert_array_equal(decoded, [[[255, 255, 255], [7, 8, 9]]])


def test_black_and_white_is_black_and_white() -> None:
    picture = Image.fromarray(np.array([[0, 255]], dtype=np.uint8)).convert("1")
    np.testing.assert_array_equal(decode(saved(picture, "PNG"))[0, :, 0], [0, 255])


@pytest.mark.parametrize("form", ["JPEG", "PNG", "TIFF", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_exif_orientation_is_turned_upright(form: str, orientation: int) -> None:
    upright = np.zeros((24, 40, 3), dtype=np.uint8)
    upright[:12, :20] = 255
    upright[:12, 20:, 0] = 255
    # What a camera held so would store: the inverse of the turn that the tag asks for.
    stored = {
        1: lambda a: a,
        2: lambda a: a[:, ::-1],
        3: lambda a: a[::-1, ::-1],
        4: lambda a: a[::-1],
        5: lambda a: a.transpose(1, 0, 2),
        6: np.rot90,
        7: lambda a: a[::-1, ::-1].transpose(1, 0, 2),
        8: lambda a: np.rot90(a, -1),
    }[orientation](upright)
    exif = Image.Exif()
    exif[0x0112] = orientation
    how = {"JPEG": {"quality": 100, "subsampling": 0}, "WEBP": {"lossless": True}}.get(form, {})
    decoded = decode(saved(Image.fromarray(np.ascontiguousarray(stored)), form, exif=exif, **how))
    assert decoded.shape == upright.shape
    assert np.abs(decoded.astype(int) - upright).mean() < 4


@pytest.mark.filterwarnings("ignore:Corrupt EXIF")
def test_a_damaged_exif_block_does_not_lose_the_picture() -> None:
    data = saved(FLAT, "JPEG", exif=b"Exif\0\0MM\0*\0\0\0\x08\xff\xff" + b"\xff" * 30)
    assert decode(data).shape == (10, 20, 3)


def test_a_photograph_with_a_second_picture_behind_it_is_the_photograph() -> None:
    data = saved(FLAT, "MPO", save_all=True, append_images=[Image.new("RGB", (20, 10))])
    assert np.abs(decode(data)[5, 10].astype(int) - [200, 30, 60]).max() <= 6


@pytest.mark.parametrize("form", ["GIF", "WEBP", "PNG", "TIFF"])
def test_animations_and_pages_are_refused(form: str) -> None:
    others = [Image.new("RGB", (20, 10), (number, 0, 0)) for number in (0, 90)]
    with pytest.raises(ImageError, match=r"mine is animated or has several pages"):
        decode(saved(FLAT, form, save_all=True, append_images=others), "mine")


@pytest.mark.parametrize("form", ["GIF", "WEBP"])
def test_a_still_picture_of_an_animated_format_is_read(form: str) -> None:
    assert decode(saved(FLAT, form)).shape == (10, 20, 3)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is empty"),
        (b"Dear Sir or Madam, I am a text file.", "is not a picture that can be read"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "is not a picture that can be read"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "is not a picture that can be read"),
        (saved(FLAT, "TGA"), "is not a picture that can be read"),
        (b"\0\0\0\x18ftypmp42" + bytes(60), "is not a picture that can be read"),
        (b"\xff\xd8\xff" + bytes(60), "begins as a JPEG file does, and is damaged"),
        (saved(FLAT, "PNG")[:40], "letter.png"),
        (saved(FLAT, "JPEG")[:-200], "is damaged or incomplete"),
        (b"\0" * (MAX_BYTES + 1), "MB"),
    ],
)
def test_what_is_no_picture_is_refused_in_plain_words(data: bytes, words: str) -> None:
    with pytest.raises(ImageError, match=words) as refusal:
        decode(data, "letter.png")
    assert "letter.png" in str(refusal.value)


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize("side", [6_400, 12_000, 60_000])
def test_a_decompression_bomb_is_refused_before_it_is_decoded(
    side: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    bomb = png(side, side, depth=8, colour=0, rows=b"\0" * 1000)
    assert side * side > MAX_PIXELS

    def explode(*_: object, **__: object) -> None:
        raise AssertionError("decoded")

    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", explode)
    with pytest.raises(ImageError, match=r"pixels; at most 40 million"):
        decode(bomb)


def test_the_global_limits_of_pillow_stay_as_they_are() -> None:
    before = Image.MAX_IMAGE_PIXELS
    decode(encode_png(RAMP))
    assert before == Image.MAX_IMAGE_PIXELS


@given(data=st.data())
def test_a_damaged_file_gives_a_picture_or_an_image_error(data: st.DataObject) -> None:
    form = data.draw(st.sampled_from(["PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF"]))
    file = bytearray(saved(Image.fromarray(RAMP), form))
    for _ in range(data.draw(st.integers(1, 8))):
        file[data.draw(st.integers(0, len(file) - 1))] = data.draw(st.integers(0, 255))
    end = data.draw(st.integers(1, len(file)))
    try:
        decoded = decode(bytes(file[:end]))
    except ImageError:
        return
    assert decoded.dtype == np.uint8
    assert decoded.shape[2] == 3


def test_threads_do_not_disturb_each_other() -> None:
    pictures = [np.full((30, 20, 3), number, dtype=np.uint8) for number in range(64)]
    files = [encode_png(picture) for picture in pictures]
    with ThreadPoolExecutor(8) as pool:
        for picture, decoded in zip(pictures, pool.map(decode, files), strict=True):
            np.testing.assert_array_equal(picture, decoded)
