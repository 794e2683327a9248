"""A record of several modes to take away, and the lines that make it again."""

from __future__ import annotations

import streamlit as st

from engine.records import Record
from pages.shared.downloads import again, as_npy, as_pngs, file_button, rounding_words, whole_record

KEY = "mf_get"


def files(record: Record) -> None:
    """Downloads of the record and of its modes; the same from a shell and from Python."""
    st.subheader("Take it with you", anchor=False)
    stem = f"isthmus-{record.kind}-{record.key[:8]}"
    images = record.arrays["modes"]
    with st.grid("auto", min_column_width=175):
        whole_record(record, KEY)
        file_button(
            "Modes (NPY)",
            lambda: as_npy(images),
            f"{stem}.npy",
            "application/octet-stream",
            KEY,
            "The modes, exact: float32, (modes, channels, height, width), for numpy.load.",
        )
        file_button(
            "Modes (PNG)",
            lambda: as_pngs(images),
            f"{stem}-png.zip",
            "application/zip",
            KEY,
            f"The modes, lossless with 8 bits a channel. {rounding_words(images)}",
        )
        file_button(
            "Pairs (CSV)",
            lambda: record.tables["pairs"].to_csv(index=False).encode(),
            f"{stem}-pairs.csv",
            "text/csv",
            KEY,
            "Barriers (nats), rounds and distance of every pair, modes counted from 0.",
        )
    again(record)
