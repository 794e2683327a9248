"""Uploaded images: kept to the last bit, never taken for another."""

from __future__ import annotations

import numpy as np
import pytest

from engine.errors import ImageError, RecordError
from engine.records import Store, run
from tests.toys import Toy


def test_uploaded_images_survive_to_the_last_bit(store: Store) -> None:
    image = np.random.default_rng(0).integers(0, 256, (7, 5, 3), dtype=np.uint8)
    digest = store.put_image(image)
    assert store.put_image(image.copy()) == digest
    np.testing.assert_array_equal(store.image(digest), image)
    assert digest != store.put_image(image.reshape(5, 7, 3))
    assert len(list((store.root / "images").iterdir())) == 2
    assert run(Toy(image=f"upload:{digest}"), store=store).summary["brightness"] == pytest.approx(
        image.mean()
    )


def test_wrong_uploads_are_refused(store: Store) -> None:
    with pytest.raises(ImageError, match="RGB"):
        store.put_image(np.zeros((4, 4), np.uint8))
    with pytest.raises(ImageError, match="uint8"):
        store.put_image(np.zeros((4, 4, 3), np.float32))
    for name in ("../../etc/passwd", "0" * 63, ""):
        with pytest.raises(RecordError, match="64 of the"):
            store.image(name)
    with pytest.raises(RecordError, match="Upload it again"):
        store.image("0" * 64)
    digest = store.put_image(np.zeros((4, 4, 3), np.uint8))
    other = store.put_image(np.ones((4, 4, 3), np.uint8))
    path = store.root / "images" / f"{digest}.png"
    path.write_bytes(store.png(other))
    with pytest.raises(RecordError, match="not those that were uploaded"):
        store.image(digest)
    store.put_image(np.zeros((4, 4, 3), np.uint8))  # uploading it again, as the message says
    assert not store.image(digest).any()
    path.write_bytes(b"not a picture")
    with pytest.raises(RecordError, match="not those that were uploaded"):
        store.image(digest)
