"""What a picture file lost before it came, as far as detectors are concerned. No torch."""

from __future__ import annotations

from collections.abc import Iterator

from PIL import Image

from engine.decoding import open_picture, transparent, twelve_bits

SAMPLES = 277
"""A tag of a TIFF file: how many numbers a pixel has."""

LOSSY = {
    **{"JPEG": "a JPEG", "MPO": "a JPEG", "WEBP": "a WebP"},
    **{"AVIF": "an AVIF", "HEIF": "a HEIC"},
}
"""Formats, and what their files are called; few of them are lossless."""

LOSSLESS_WEBP = b"VP8L"
GREY_MODES = ("1", "L", "LA", "La", "I", "I;16", "I;16B", "I;16L", "I;16N")
GREY = "It is grey: its one channel has been repeated as red, green and blue."


def notes_on(data: bytes) -> tuple[str, ...]:
    """What must be said of a picture file that could be read, each in a sentence."""
    with open_picture(data) as picture:
        return tuple(_notes(picture, data))


def _notes(picture: Image.Image, data: bytes) -> Iterator[str]:
    kind = picture.format or ""
    if kind in LOSSY and not (kind == "WEBP" and LOSSLESS_WEBP in data[:64]):
        yield (
            f"It comes as {LOSSY[kind]}: compression changes what an attack leaves, and may look like an "
            "attack where there is none."
        )
    if picture.mode == "P":
        yield "It has a palette of at most 256 colours: what an attack leaves may be lost in it."
    if twelve_bits(picture):
        yield "No level of it is above 4,095: it has been taken for a picture of 12 bits."
    if picture.mode in GREY_MODES:
        yield GREY
    bands = getattr(picture, "tag_v2", {}).get(SAMPLES, 1)
    if picture.mode == "RGB" and bands > 3:
        yield f"Of its {bands} channels the first three have been taken for red, green and blue."
    if transparent(picture):
        yield "It is partly transparent: it has been laid on white."
