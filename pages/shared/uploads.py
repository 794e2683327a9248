"""One's own pictures: read safely in this process, and kept in the store."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import streamlit as st

from engine.errors import ImageError
from engine.images import decode, to_bytes, with_channels
from pages.shared import service

MEGABYTE = 2**20


def uploaded() -> dict[str, str]:
    """The pictures of this session: digest -> name of the file."""
    pictures: dict[str, str] = st.session_state.setdefault("isthmus_uploaded", {})
    return pictures


def read(name: str, data: bytes, limit_mb: int) -> str:
    """Keep one picture in the store; returns its digest. ImageError says what is wrong with it."""
    if len(data) > limit_mb * MEGABYTE:
        raise ImageError(
            f"{name} has {len(data) / MEGABYTE:.1f} MB; this server takes {limit_mb} MB at most. "
            "Save it smaller."
        )
    return service.store().put_image(decode(data, name), name)


def kept(pictures: Mapping[str, np.ndarray]) -> list[str]:
    """References to pictures, name -> float32 (C, H, W) in [0, 1], as an 8-bit file would hold them."""
    references = []
    for name, pixels in pictures.items():
        digest = service.store().put_image(with_channels(to_bytes(pixels), 3), name)
        uploaded()[digest] = name
        references.append(f"upload:{digest}")
    return references
