"""Everything of a record to take away: itself, its pictures, its curves, how to make it again."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

import numpy as np
import streamlit as st

from engine.experiments.base import Spec
from engine.experiments.pair.results import PairResult
from engine.images import animate, encode_png, to_bytes
from engine.parameters import Parameters, fields_of
from engine.plots.curves import curve_table
from engine.records import Record
from pages.shared import service

FRAMES = 41
FRAME_MS = 80
LEAST_SIDE = 128
"""Smaller pictures are enlarged by a whole factor to at least this many pixels in an animation."""


def downloads(record: Record, *, key: str) -> None:
    """Buttons for every file, each made when it is asked for, and the lines that repeat the run."""
    pair = record.found(PairResult)
    stem = f"isthmus-{record.kind}-{record.key[:8]}"
    with st.grid("auto", min_column_width=175):
        whole_record(record, key)
        file_button(
            "All curves (CSV)",
            lambda: curve_table(pair.tracks).to_csv(index=False).encode(),
            f"{stem}-curves.csv",
            "text/csv",
            key,
            "Place, t and loss (nats) of every path, at every point.",
        )
        if pair.pictured:
            _picture_files(pair, stem, key)
    again(record)


def _picture_files(pair: PairResult, stem: str, key: str) -> None:
    path = pair.final or pair.straight
    file_button(
        "Nodes (NPY)",
        lambda: as_npy(path.nodes),
        f"{stem}-nodes.npy",
        "application/octet-stream",
        key,
        "The path's pictures, exact: float32, (nodes, channels, height, width), for numpy.load.",
    )
    file_button(
        "Nodes (PNG)",
        lambda: as_pngs(path.nodes),
        f"{stem}-nodes.zip",
        "application/zip",
        key,
        "The path's pictures, lossless with 8 bits a channel. " + rounding_words(path.nodes),
    )
    for kind, label in (("webp", "WebP"), ("gif", "GIF")):
        file_button(
            f"Animation ({label})",
            lambda kind=kind: as_animation(pair, kind),  # type: ignore[misc]
            f"{stem}.{kind}",
            f"image/{kind}",
            key,
            "The pictures along the path, there and back.",
        )


def again(record: Record) -> None:
    """The lines that repeat the run."""
    st.caption("The same from a shell")
    st.code(record.command, language="shell", wrap_lines=True)
    st.caption("The same from Python")
    st.code(snippet(record), language="python", wrap_lines=True)
    if record.uploads:
        st.caption(
            "The uploaded pictures are part of the whole record. The lines above find them in the "
            "store of this machine; elsewhere, bring the record back on the Runs page first."
        )


def take(record: Record, *, key: str) -> None:
    """A record of any kind to take away, folded: its link, its zip file, the lines that repeat it."""
    with st.expander("Take it with you", icon=":material/download:"):
        link_line(record)
        again(record)
        whole_record(record, key)


def link_line(record: Record) -> None:
    """The address of the page with its result."""
    base = (st.context.url or "").split("?")[0].rstrip("/")
    st.caption("Link to this result")
    st.code(f"{base}?run={record.key}", language=None, wrap_lines=True)


def as_npy(array: np.ndarray) -> bytes:
    """Any array as a .npy file."""
    file = io.BytesIO()
    np.save(file, array, allow_pickle=False)
    return file.getvalue()


def as_pngs(nodes: np.ndarray) -> bytes:
    """The nodes as numbered PNG files in a zip file."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for number, picture in enumerate(to_bytes(nodes)):
            archive.writestr(f"node-{number:02d}.png", encode_png(picture))
    return file.getvalue()


def rounding_words(nodes: np.ndarray) -> str:
    """What 8 bits do to the nodes: rounding, and clipping where they leave [0, 1]."""
    change = float(np.abs(nodes - np.rint(np.clip(nodes, 0, 1) * 255) / 255).max())
    outside = float(max(0.0, -nodes.min(), nodes.max() - 1))
    words = f"Rounding changes a pixel by up to {change:.2g} of its range"
    return f"{words}, clipping included." if outside > 0 else f"{words}."


def as_animation(pair: PairResult, kind: str) -> bytes:
    """The pictures along the path, there and back, as an endless "webp" or "gif"."""
    path = pair.final or pair.straight
    there = to_bytes(path.pictures(np.linspace(0, 1, FRAMES)))
    factor = -(-LEAST_SIDE // max(there.shape[1:3])) if max(there.shape[1:3]) < LEAST_SIDE else 1
    large = there.repeat(factor, axis=1).repeat(factor, axis=2)
    frames = np.concatenate([large, large[-2:0:-1]])
    return animate(frames, FRAME_MS, "gif" if kind == "gif" else "webp")


def snippet(record: Record) -> str:
    """Python that computes the record again."""
    spec = record.spec
    return f"import engine\n\nspec = engine.{construct(spec)}\nrecord = engine.run(spec)\n"


def construct(values: Parameters) -> str:
    """The call that builds a spec or settings, naming what is not at its default."""
    name = type(values).__name__
    defaults = type(values)()
    words = []
    for field in fields_of(type(values)):
        value = getattr(values, field.name)
        if value == getattr(defaults, field.name):
            continue
        nested = f"engine.{construct(value)}" if isinstance(value, Parameters) else repr(value)
        words.append(f"{field.name}={nested}")
    if len(words) > 1 and isinstance(values, Spec):
        return f"{name}(\n    " + ",\n    ".join(words) + ",\n)"
    return f"{name}({', '.join(words)})"


def whole_record(record: Record, key: str) -> None:
    """The button for everything that is stored."""
    file_button(
        "Whole record (ZIP)",
        lambda: service.store().pack(record.key),
        f"isthmus-{record.kind}-{record.key[:8]}.zip",
        "application/zip",
        key,
        "Spec, arrays, tables, environment. The Runs page takes it back, on any machine.",
    )


def file_button(
    label: str, make: Callable[[], bytes], file: str, mime: str, key: str, help_text: str
) -> None:
    """A button for a file that is made when it is asked for."""
    st.download_button(
        label,
        data=make,
        file_name=file,
        mime=mime,
        key=f"{key}_{label}",
        help=help_text,
        icon=":material/download:",
        on_click="ignore",
        width="stretch",
    )
