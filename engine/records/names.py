"""Names that may come from a URL, a zip file or a folder listing, and what each must look like."""

from __future__ import annotations

import re

from engine.errors import RecordError

IMPORTED = "imported-"
"""Begins the address of a record that came as a file: a digest of its files, never a spec's key."""

_KEY = re.compile(rf"({IMPORTED})?[0-9a-f]{{24}}")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_KIND = re.compile(r"[a-z][a-z0-9-]{0,40}")
_FILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,60}\.(json|npz|parquet)")
_UPLOAD = re.compile(r'"upload:([0-9a-f]{64})"')

IMAGES = "images"
"""The folder of uploaded images, beside the folders of the kinds; so no kind has this name."""


def check_key(key: object) -> str:
    """`key` if it looks like one, else RecordError saying what a key looks like."""
    if isinstance(key, str) and _KEY.fullmatch(key):
        return key
    raise RecordError(
        f"{_short(key)} is not the key of a record. Expected 24 of the characters 0-9 and a-f, "
        "such as 0123456789abcdef01234567. Copy the link or the key again."
    )


def check_digest(digest: object) -> str:
    """`digest` if it looks like an uploaded image's, else RecordError."""
    if isinstance(digest, str) and _DIGEST.fullmatch(digest):
        return digest
    raise RecordError(
        f"{_short(digest)} does not name an uploaded image. Expected upload: and 64 of the "
        "characters 0-9 and a-f. Upload the image again."
    )


def is_kind(name: str) -> bool:
    """Whether a folder of the store may hold records."""
    return bool(_KIND.fullmatch(name)) and name != IMAGES


def is_record(kind: str, key: str) -> bool:
    """Whether <kind>/<key> may be a record's folder."""
    return is_kind(kind) and bool(_KEY.fullmatch(key))


def is_imported(key: str) -> bool:
    """Whether this is the address of a record that came as a file."""
    return key.startswith(IMPORTED)


def is_file(name: str) -> bool:
    """Whether a file of this name may be part of a record."""
    return bool(_FILE.fullmatch(name))


def uploads_in(spec_json: str) -> frozenset[str]:
    """Digests of the uploaded images that a spec's JSON refers to."""
    return frozenset(_UPLOAD.findall(spec_json))


def _short(value: object) -> str:
    words = repr(value)
    return words if len(words) <= 60 else f"{words[:57]}..."
