"""A record of several modes to take away, and the lines that make it again."""

from __future__ import annotations

import streamlit as st

from engine.records import Record
from pages.shared import service
from pages.shared.downloads import as_npy, as_pngs, rounding_words, snippet


def files(record: Record) -> None:
    """Downloads of the record and of its modes; the same from a shell and from Python."""
    st.subheader("Take it with you", anchor=False)
    stem = f"isthmus-modes-{record.key[:8]}"
    images = record.arrays["modes"]
    with st.grid("auto", min_column_width=175):
        for label, make, file, mime, words in (
            (
                "Whole record (ZIP)",
                lambda: service.store().pack(record.key),
                f"{stem}.zip",
                "application/zip",
                "Spec, arrays, tables, environment. The Runs page takes it back, on any machine.",
            ),
            (
                "Modes (NPY)",
                lambda: as_npy(images),
                f"{stem}.npy",
                "application/octet-stream",
                "The modes, exact: float32, (modes, channels, height, width), for numpy.load.",
            ),
            (
                "Modes (PNG)",
                lambda: as_pngs(images),
                f"{stem}-png.zip",
                "application/zip",
                f"The modes, lossless with 8 bits a channel. {rounding_words(images)}",
            ),
            (
                "Pairs (CSV)",
                lambda: record.tables["pairs"].to_csv(index=False).encode(),
                f"{stem}-pairs.csv",
                "text/csv",
                "Barriers (nats), rounds and distance of every pair, modes counted from 0.",
            ),
        ):
            st.download_button(
                label,
                data=make,
                file_name=file,
                mime=mime,
                key=f"mf_get_{label}",
                help=words,
                icon=":material/download:",
                on_click="ignore",
                width="stretch",
            )
    st.caption("The same from a shell")
    st.code(record.command, language="shell", wrap_lines=True)
    st.caption("The same from Python")
    st.code(snippet(record), language="python", wrap_lines=True)
