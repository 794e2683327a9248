"""Pictures as grids, slots and lists show them, as the classifier takes them; made once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import cycle

import numpy as np
import streamlit as st
from PIL import Image, ImageDraw

from engine.classifiers import card
from engine.errors import IsthmusError
from engine.experiments.images.references import image_words
from engine.images import to_bytes
from engine.plots.palette import SEA, SERIES, STRAIGHT
from engine.records import Record
from pages.shared import service
from pages.shared.image_sets import Sources, image_set
from pages.shared.picker import Picture
from pages.shared.strip import SMALL, data_uri
from pages.shared.uploads import uploaded
from pages.shared.words import nats

THUMBNAIL = 72


def thumbnails(
    sources: Sources, indices: tuple[int, ...], losses: Mapping[int, float], group: str = ""
) -> list[Picture]:
    """Pictures of the set by their numbers, with their losses in nats, for the slots of a group."""
    return [
        Picture(
            str(index),
            src,
            f"image {index}",
            nats(losses[index]) if index in losses else "",
            small,
            group,
        )
        for index, (src, small) in zip(indices, _uris(sources, indices), strict=True)
    ]


def own(sources: Sources) -> list[Picture]:
    """The pictures that this visitor brought."""
    return [_upload(sources, digest, name) for digest, name in uploaded().items()]


def picture_of(sources: Sources, reference: str, offered: Sequence[Picture]) -> Picture:
    """What a slot shows of a reference."""
    for picture in offered:
        if picture.ref == reference:
            return picture
    if not reference:
        return Picture("", "", "Lowest loss", "of the same class")
    try:
        if reference.startswith("upload:"):
            return _upload(sources, reference.removeprefix("upload:"), image_words(reference))
        return thumbnails(sources, (int(reference),), {})[0]
    except (IsthmusError, ValueError):
        return Picture(reference, "", image_words(reference), "not found")


@st.cache_resource(show_spinner=False, max_entries=64)
def _uris(sources: Sources, indices: tuple[int, ...]) -> list[tuple[str, bool]]:
    """The data URIs of a set's pictures, and whether they are small."""
    images = image_set(*sources).batch(indices)
    small = max(images.shape[1:3]) < SMALL
    return [(data_uri(image, None if small else 2 * THUMBNAIL), small) for image in images]


def _upload(sources: Sources, digest: str, name: str) -> Picture:
    """An uploaded picture, fitted to what the classifier takes."""
    src, small = _upload_uri(sources[0], digest)
    return Picture(f"upload:{digest}", src, name, "uploaded", small)


@st.cache_resource(show_spinner=False, max_entries=64)
def _upload_uri(classifier: str, digest: str) -> tuple[str, bool]:
    seen = card(classifier)
    channels, height, width = seen.input_shape
    png = service.store().png(digest)
    image = service.reader().small(png, digest, (height, width), seen.resize, channels)
    small = max(height, width) < SMALL
    return data_uri(image, None if small else 2 * THUMBNAIL), small


SIDE = 96
SKETCH, FINE, STROKE = 42, 4, 10
COLORS = (STRAIGHT, *SERIES)
"""A sketch's side, how much larger it is drawn, and how thick its lines are then, in pixels."""


def portrait(record: Record) -> tuple[str, ...]:
    """Up to two small pictures as data URIs, or its lines; none where it has neither, or is damaged."""
    return () if record.damage else _portrait(record.key, str(record.path))


@st.cache_resource(show_spinner=False, max_entries=1024)
def _portrait(key: str, path: str) -> tuple[str, ...]:
    """`path` tells copies of a record apart."""
    try:
        record = service.find(key)
        if record is None:
            return ()
        if len(pictures := record.result.portrait):
            return tuple(data_uri(to_bytes(np.asarray(one)), SIDE) for one in pictures[:2])
        lines = record.result.sketch
        return (data_uri(_sketched(lines)),) if lines else ()
    # Numbers that somebody brought need not be what their experiment writes.
    except (IsthmusError, LookupError, TypeError, ValueError, AttributeError):
        return ()


def _sketched(lines: Sequence[np.ndarray]) -> np.ndarray:
    """Lines on one scale as a small picture, uint8 (H, W, 3)."""
    side = SKETCH * FINE
    picture = Image.new("RGB", (side, side), SEA[0])
    pen = ImageDraw.Draw(picture)
    low, high = min(0.0, *map(np.min, lines)), max(map(np.max, lines))
    for line, color in reversed([*zip(lines, cycle(COLORS), strict=False)]):
        across = np.linspace(STROKE, side - STROKE, len(line))
        up = np.interp(line, (low, high), (side - STROKE, STROKE))
        pen.line(list(zip(across, up, strict=True)), fill=color, width=STROKE, joint="curve")
    return np.asarray(picture.reduce(FINE))
