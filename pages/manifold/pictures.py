"""Small pictures of modes, for charts."""

from __future__ import annotations

import numpy as np

from engine.images import to_bytes
from pages.shared.strip import data_uri

THUMBNAIL = 96


def thumbnails(images: np.ndarray) -> list[str]:
    """Data URIs of pictures float (N, C, H, W), for the nodes of charts."""
    return [data_uri(image, THUMBNAIL) for image in to_bytes(images)]
