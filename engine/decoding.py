"""Reading picture files that come from anybody: nothing about them is trusted. No torch.

Pillow's global limits are left alone; every call checks its own picture, so that threads do not
disturb each other.
"""

from __future__ import annotations

import io
import re

import numpy as np
from PIL import Image, UnidentifiedImageError

from engine.errors import ImageError

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "AVIF", "PPM")
"""The formats that are read, beside HEIC; every other decoder of Pillow stays out of reach."""

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
PNG_PARTS = (
    *(b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND", b"eXIf"),
    *(b"acTL", b"fcTL", b"fdAT"),
)
"""Chunks that say something of the pixels, or that they move. Over others Pillow may fail."""

BEGINNINGS = {PNG_SIGNATURE: "PNG", b"\xff\xd8\xff": "JPEG", b"GIF8": "GIF"} | dict.fromkeys(
    (b"II*\0", b"MM\0*"), "TIFF"
)
"""First bytes of files, and what they claim to be."""

MAX_BYTES = 32 * 2**20
MAX_PIXELS = 40_000_000
"""A picture of this size takes 160 MB, and up to three times that while it is converted."""

MAX_SCANNED = 10**9
"""Pixels of a JPEG file, times the scans that they come in: a scan of nothing takes a few bytes, and time."""

MAX_SCANS = 100
TILE_WIDTH, TILE_LENGTH = 322, 323
"""Tags of a TIFF file: its decoder takes a whole tile's memory, however small the picture is."""

_MARKER = re.compile(rb"\xff([^\0\xff\xd0-\xd7])")
_SCAN, _END = b"\xda", b"\xd9"

SUBFILE, REDUCED, DNG = 254, 1, 50706
"""Tags of a TIFF file, and what says that its first picture is but a small copy of another."""

PHOTOMETRIC, WHITE_IS_ZERO = 262, 0
"""A tag of a TIFF file, and what it says where the highest level is black."""

EXIF_ORIENTATION = 0x0112
TURNS = dict(
    enumerate(
        (
            Image.Transpose.FLIP_LEFT_RIGHT,
            Image.Transpose.ROTATE_180,
            Image.Transpose.FLIP_TOP_BOTTOM,
            Image.Transpose.TRANSPOSE,
            Image.Transpose.ROTATE_270,
            Image.Transpose.TRANSVERSE,
            Image.Transpose.ROTATE_90,
        ),
        start=2,
    )
)
"""EXIF orientation -> what turns the picture upright."""


def decode(data: bytes, name: str = "image") -> np.ndarray:
    """The picture in a file's bytes as RGB, uint8 (H, W, 3), upright as its EXIF tag says.

    Grey, palette, CMYK and 16-bit pictures are converted, transparent ones laid on white. Raises
    ImageError, in words for `name`'s owner, for anything that is not one still picture of at most
    `MAX_PIXELS` pixels and `MAX_BYTES` bytes.
    """
    if not data:
        raise ImageError(f"{name} is empty: 0 bytes. Choose another file.")
    if len(data) > MAX_BYTES:
        raise ImageError(
            f"{name} has {len(data) / 2**20:.1f} MB; at most {MAX_BYTES // 2**20} MB are read. "
            "Save it smaller."
        )
    try:
        with open_picture(data, name) as picture:
            _check_still(picture, name)
            return np.array(_rgb(_upright(picture), name))
    except ImageError:
        raise
    except Exception as error:
        if isinstance(error, MemoryError) or "out of memory" in str(error):
            raise ImageError(
                f"{name} needs more memory than there is for one picture. Save it as an ordinary "
                "PNG or JPEG, or smaller."
            ) from error
        # Pillow's decoders meet malformed data in many ways (OSError, SyntaxError, struct.error,
        # IndexError ...) that share no base class; all mean that the file is damaged.
        raise ImageError(
            f"{name} is damaged or incomplete and cannot be read ({error}). Save it again."
        ) from error


def open_picture(data: bytes, name: str = "image") -> Image.Image:
    """The file's header read, its pixels not yet; ImageError for unknown formats and too many pixels."""
    limit = f"at most {MAX_PIXELS / 1e6:.0f} million are read. Save it smaller."
    try:
        picture = _identified(data)
    except UnidentifiedImageError as error:
        raise ImageError(_unknown(data, name)) from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise ImageError(f"{name} has far too many pixels; {limit}") from error
    if picture.width * picture.height > MAX_PIXELS:
        size = f"{picture.width:,} x {picture.height:,}"
        raise ImageError(f"{name} has {size} pixels; {limit}")
    _check_work(picture, data, name)
    return picture


def _unknown(data: bytes, name: str) -> str:
    for beginning, form in BEGINNINGS.items():
        if data.startswith(beginning):
            return (
                f"{name} begins as a {form} file does, and is damaged or of a kind that is not read. Save it "
                "again as an ordinary PNG or JPEG."
            )
    return f"{name} is not a picture that can be read. Expected one of {', '.join(FORMATS)}, HEIC."


def _check_work(picture: Image.Image, data: bytes, name: str) -> None:
    """ImageError for a small file made so that its decoder works, or takes memory, beyond its pixels."""
    if picture.format in ("JPEG", "MPO"):
        most = min(MAX_SCANS, MAX_SCANNED // max(1, picture.width * picture.height))
        if (scans := _scans(data)) > most:
            raise ImageError(
                f"{name} is a JPEG in {scans:,} scans; an ordinary one has 1 or about 10, and of this "
                f"size at most {most} are read. Save it again as an ordinary JPEG or PNG."
            )
    tags = getattr(picture, "tag_v2", {})
    if tags.get(SUBFILE, 0) & REDUCED or DNG in tags:
        raise ImageError(
            f"{name} is a camera's raw file, whose preview alone can be read. Develop it, and save it as "
            "PNG or JPEG."
        )
    width, length = (tags.get(tag, 0) for tag in (TILE_WIDTH, TILE_LENGTH))
    if width * length > MAX_PIXELS:
        raise ImageError(
            f"{name} is a TIFF in tiles of {width:,} x {length:,} pixels; at most "
            f"{MAX_PIXELS / 1e6:.0f} million are read. Save it again without tiles."
        )


def _scans(data: bytes) -> int:
    """How many scans the picture of a JPEG file comes in."""
    scans, place = 0, 2
    while (found := _MARKER.search(data, place)) and found[1] != _END:
        scans += found[1] == _SCAN
        place = found.end() + int.from_bytes(data[found.end() : found.end() + 2])
    return scans


def _identified(data: bytes) -> Image.Image:
    if data.startswith(PNG_SIGNATURE):
        data = _essential(data)
    try:
        picture = Image.open(io.BytesIO(data), formats=FORMATS)
    except UnidentifiedImageError:
        # The plugin's own class, not an entry in Pillow's list of formats, which all threads share.
        from pillow_heif import is_supported
        from pillow_heif.as_plugin import HeifImageFile

        if not is_supported(data):
            raise
        return HeifImageFile(io.BytesIO(data))
    transparent = picture.info.get("transparency")
    if picture.format == "PNG" and picture.mode == "L" and isinstance(transparent, int):
        # Pillow widens grey of 2 or 4 bits to 8, but not the level that is transparent.
        depth = data[24]
        picture.info["transparency"] = transparent * 255 // (2**depth - 1)
    return picture


def _essential(data: bytes) -> bytes:
    """A PNG file without its texts, colour profile and the like, but with EXIF tags that a text may hold."""
    kept, start = [PNG_SIGNATURE], len(PNG_SIGNATURE)
    while start < len(data):
        end = start + 12 + int.from_bytes(data[start : start + 4])
        kind, words = data[start + 4 : start + 8], data[start + 8 : start + 29]
        if kind in PNG_PARTS or words == b"Raw profile type exif":
            kept.append(data[start:end])
        start = end
    return b"".join(kept)


def _check_still(picture: Image.Image, name: str) -> None:
    # Phones write JPEG (MPO) and HEIC files with a second picture, such as a depth map, after the photograph.
    if picture.format not in ("MPO", "HEIF") and getattr(picture, "is_animated", False):
        raise ImageError(
            f"{name} is animated or has several pages. Save the one frame that you mean."
        )


def _upright(picture: Image.Image) -> Image.Image:
    picture.load()
    try:
        orientation = picture.getexif().get(EXIF_ORIENTATION)
    except Exception:
        # A damaged EXIF block says nothing about the pixels, which have just been read.
        return picture
    return picture.transpose(TURNS[orientation]) if orientation in TURNS else picture


def _rgb(picture: Image.Image, name: str) -> Image.Image:
    if picture.mode.startswith("I;16") or (picture.format, picture.mode) == ("PPM", "I"):
        return Image.fromarray(_grey(picture)).convert("RGB")
    if picture.mode in ("I", "F"):
        raise ImageError(
            f"{name} has numbers of 32 bits, or with a sign, for pixels, whose black and white are not "
            "known. Save it with 8 or 16 bits."
        )
    if transparent(picture):
        opaque = Image.new("RGBA", picture.size, "white")
        opaque.alpha_composite(picture.convert("RGBA"))
        return opaque.convert("RGB")
    return picture.convert("RGB")


def transparent(picture: Image.Image) -> bool:
    """Whether a pixel lets through what lies behind it; many files have an alpha channel for nothing."""
    if not picture.has_transparency_data:
        return False
    if picture.mode.startswith("I;16"):
        return bool((np.asarray(picture) == picture.info["transparency"]).any())
    return bool((np.asarray(picture.convert("RGBA"))[..., 3] < 255).any())


def twelve_bits(picture: Image.Image) -> bool:
    """Whether a grey TIFF file of 16 bits is taken for one of 12, as cameras write: no pixel has more."""
    wide = picture.format == "TIFF" and picture.mode.startswith("I;16")
    return wide and int(np.asarray(picture).max()) < 2**12


def _grey(picture: Image.Image) -> np.ndarray:
    """Grey of more than 8 bits as uint8 (H, W), transparent pixels white.

    `twelve_bits` says which level is white.
    """
    tags = getattr(picture, "tag_v2", {})
    levels = np.asarray(picture).astype(np.uint32)
    white = 2 ** (12 if twelve_bits(picture) else 16) - 1
    grey = ((levels * 255 + white // 2) // white).astype(np.uint8)
    if tags.get(PHOTOMETRIC) == WHITE_IS_ZERO:
        grey = 255 - grey
    grey[levels == picture.info.get("transparency", -1)] = 255
    return grey
