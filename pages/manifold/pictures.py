"""Pictures of modes: large with words below them, and small ones for charts."""

from __future__ import annotations

import numpy as np
import streamlit as st

from engine.images import to_bytes
from pages.shared.strip import data_uri

SIDE = 224
THUMBNAIL = 96


def picture(image: np.ndarray, caption: str, alt: str) -> None:
    """A picture, uint8 (H, W, C), with words below it, for a column of a grid."""
    # Small pictures are enlarged pixel by pixel here: a browser would blur them.
    st.image(data_uri(image, SIDE), caption=caption, width="stretch", alt=alt)


def thumbnails(images: np.ndarray) -> list[str]:
    """Data URIs of pictures float (N, C, H, W), for the nodes of charts."""
    return [data_uri(image, THUMBNAIL) for image in to_bytes(images)]
