"""Uploaded images: kept to the last bit, never taken for another."""

from __future__ import annotations

import numpy as np
import pytest

from engine import uploaded
from engine.errors import ImageError, RecordError
from engine.experiments.base import Findings
from engine.experiments.pair.real_real import RealReal
from engine.records import Store, run
from tests.keeping import keep
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


def test_the_name_of_a_file_is_kept_with_its_picture(tmp_path):
    """Through another process (which knows no names yet), a zip file and another store."""
    image = np.zeros((2, 3, 3), np.uint8)
    store = Store(tmp_path / "one", shipped=None)
    digest = store.put_image(image, "photos/Käfer 甲.png")
    assert digest == store.put_image(image), "the name makes no other picture of it"
    spec = RealReal(first=f"upload:{digest}", second="3")
    uploaded._NAMES.clear()
    assert spec.subject() == f"Uploaded image {digest[:6]} to image 3"
    other = Store(tmp_path / "two", shipped=None)
    other.put_png(digest, store.png(digest))
    uploaded._NAMES.clear()
    assert np.array_equal(other.image(digest), image)
    assert spec.subject() == "Käfer 甲.png to image 3"
    assert spec.words().startswith("Käfer 甲.png to image 3, shapes")
    assert spec.doing().startswith("Connecting Käfer 甲.png to image 3")


def test_a_stored_record_knows_the_names_of_its_pictures(tmp_path):
    store = Store(tmp_path, shipped=None)
    digest = store.put_image(np.zeros((2, 3, 3), np.uint8), "cat.png")
    spec = Toy(image=f"upload:{digest}")
    keep(store, spec, Findings())
    uploaded._NAMES.clear()
    (record,) = store.records()
    assert record.spec == spec
    assert uploaded.name_of(digest) == "cat.png"


def test_a_name_is_one_line_of_what_can_be_printed():
    assert uploaded.tidied("C:\\My pics\\a\n\x00b\u202e.png") == "a b.png"
    assert len(uploaded.tidied("x" * 500)) == uploaded.LONGEST
