"""One's own pictures: kept without loss, or refused in words."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from engine.errors import ImageError
from engine.records import Store
from pages.shared import uploads


def png(image: np.ndarray) -> bytes:
    file = io.BytesIO()
    Image.fromarray(image).save(file, "PNG")
    return file.getvalue()


@pytest.mark.usefixtures("queue")
def test_a_picture_is_kept_without_loss(store: Store) -> None:
    image = np.random.default_rng(0).integers(0, 256, (7, 9, 3), dtype=np.uint8)
    digest = uploads.read("cat.png", png(image), 10)
    assert np.array_equal(store.image(digest), image)


@pytest.mark.usefixtures("queue")
def test_what_is_no_picture_is_refused_by_name() -> None:
    with pytest.raises(ImageError, match=r"cat\.png"):
        uploads.read("cat.png", b"miaow", 10)


@pytest.mark.usefixtures("queue")
def test_a_large_file_is_refused_before_it_is_opened() -> None:
    with pytest.raises(ImageError, match=r"1 MB at most"):
        uploads.read("huge.png", bytes(2 * 2**20), 1)
