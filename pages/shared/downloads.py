"""Everything of a record to take away: itself, its pictures, its curves, how to make it again."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from mimetypes import guess_type
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from engine.experiments.base import Spec
from engine.experiments.pair.results import PairResult
from engine.images import animate, encode_png, to_bytes
from engine.parameters import Parameters, default_of, fields_of
from engine.plots.curves import curve_table
from engine.records import Record
from pages.shared import service
from pages.shared.fold import fold

FRAMES = 41
FRAME_MS = 80
LEAST_SIDE = 128
"""Smaller pictures are enlarged by a whole factor to at least this many pixels in an animation."""


@dataclass(frozen=True)
class File:
    """A file to take away: the words on its button, the end of its name, how it is made, what it holds.

    What `make` returns is bytes, an array or a table.
    """

    label: str
    end: str
    make: Callable[[], bytes | np.ndarray | pd.DataFrame]
    about: str = ""

    def content(self) -> bytes:
        """What stands in it."""
        made = self.make()
        if isinstance(made, pd.DataFrame):
            return as_csv(made)
        return as_npy(made) if isinstance(made, np.ndarray) else made


def take(record: Record, key: str, files: Callable[[], Iterable[File]] = list) -> None:
    """A record of any kind to take away, folded: its link, its files, and the lines that repeat it."""

    def draw() -> None:
        st.caption("Link to this result")
        st.code(link_to(record), language=None, wrap_lines=True)
        with st.grid("auto", min_column_width=165):
            for file in (_whole(record), *files()):
                file_button(file, stem_of(record), key)
        again(record)

    fold("Take it with you", "download", key, draw)


def pair_files(pair: PairResult) -> Iterator[File]:
    """The curves of a pair, its nodes, and its path as an animation."""
    yield File(
        "All curves (CSV)",
        "-curves.csv",
        lambda: curve_table(pair.tracks),
        "Place, t and loss (nats) of every path, at every point.",
    )
    if not pair.pictured:
        return
    nodes = (pair.final or pair.straight).nodes
    yield from array_files("Nodes", "nodes", nodes)
    for kind, label in (("webp", "WebP"), ("gif", "GIF")):
        yield File(
            f"Animation ({label})",
            f".{kind}",
            lambda kind=kind: as_animation(pair, kind),  # type: ignore[misc]
            "The pictures along the path, there and back.",
        )


def array_files(label: str, name: str, pictures: np.ndarray) -> Iterator[File]:
    """Pictures (N, C, H, W), exact and as PNG."""
    yield File(
        f"{label} (NPY)",
        f"-{name}.npy",
        lambda: pictures,
        f"Exact: float32, ({name}, channels, height, width), for numpy.load.",
    )
    yield File(
        f"{label} (PNG)",
        f"-{name}.zip",
        lambda: as_pngs(pictures),
        f"Lossless with 8 bits a channel. {rounding_words(pictures)}",
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
            "store of this machine; elsewhere, bring the record back on the Results page first."
        )


def link_to(record: Record) -> str:
    """The address of the page with a result."""
    base = (st.context.url or "").split("?")[0].rstrip("/")
    return f"{base}?run={record.key}"


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
    defaults = default_of(type(values))
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


def file_button(file: File, stem: str, key: str) -> None:
    """A button for a file that is made when it is asked for; `stem` begins its name."""
    name = f"{stem}{file.end}"
    st.download_button(
        file.label,
        data=file.content,
        file_name=name,
        mime=guess_type(name, strict=False)[0] or "application/octet-stream",
        key=f"{key}_{file.label}",
        help=file.about or None,
        icon=":material/download:",
        on_click="ignore",
        width="stretch",
    )


def _whole(record: Record) -> File:
    return File(
        "Whole record (ZIP)",
        ".zip",
        lambda: service.store().pack(record.key),
        "Spec, arrays, tables, environment. The Results page takes it back, on any machine.",
    )


def stem_of(record: Record) -> str:
    """The beginning of the names of a record's files."""
    return f"isthmus-{record.kind}-{record.key[:8]}"


FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""A spreadsheet takes a text that begins so for something to work out; names that people chose may."""


def as_csv(table: pd.DataFrame) -> bytes:
    """The table as CSV, without its index. Texts that would be formulas get an apostrophe before them."""
    guarded = table.map(_guarded).rename(columns=_guarded)
    # With both characters at the end of a line, either of them in a cell is quoted.
    return guarded.to_csv(index=False, lineterminator="\r\n").encode()


def _guarded(cell: Any) -> Any:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell
