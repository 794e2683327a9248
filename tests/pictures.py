"""Picture files written by hand, as no ordinary program writes them."""

from __future__ import annotations

import struct
import zlib


def progressive(side: int, scans: int) -> bytes:
    """A grey JPEG file of nothing that comes in so many scans; a few bytes each, whatever its size."""
    blocks = (side // 8) ** 2
    codes = []
    while blocks > 0:  # each of them says that so many blocks, 16,384 to 32,767, have nothing more
        codes.append("0" + format(min(blocks, 32_767) - 16_384 if blocks > 16_384 else 0, "014b"))
        blocks -= 32_767
    bits = "".join(codes)
    bits += "1" * (-len(bits) % 8)
    packed = bytes(int(bits[place : place + 8], 2) for place in range(0, len(bits), 8))
    tables = _segment(0xDB, b"\0" + b"\1" * 64) + _segment(0xC4, b"\x10\1" + bytes(15) + b"\xe0")
    frame = _segment(0xC2, struct.pack(">BHHBBBB", 8, side, side, 1, 1, 0x11, 0))
    scan = _segment(0xDA, b"\1\1\0\1\x3f\0") + packed.replace(b"\xff", b"\xff\0")
    return b"\xff\xd8" + tables + frame + scan * scans + b"\xff\xd9"


def tiled(side: int, tile: int) -> bytes:
    """A small grey TIFF file in one tile of any size."""
    body = zlib.compress(bytes(1000))
    tags = {
        256: side,
        257: side,
        258: 8,
        259: 8,
        262: 1,
        277: 1,
        322: tile,
        323: tile,
        325: len(body),
    }
    tags[324] = 14 + 12 * (len(tags) + 1)
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, tags[tag]) for tag in sorted(tags))
    return b"II*\0" + struct.pack("<IH", 8, len(tags)) + entries + bytes(4) + body


def chunk(kind: bytes, body: bytes) -> bytes:
    """A chunk of a PNG file."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(
    width: int, height: int, *, depth: int, colour: int, rows: bytes, more: bytes = b""
) -> bytes:
    """A PNG file written by hand, for what Pillow cannot write, with `more` chunks before its pixels."""
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    pixels = chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + more + pixels


def _segment(marker: int, body: bytes) -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body
