"""A population to take away: the whole record, every pair, every curve, and the lines that make it again."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import streamlit as st

from engine.records import Record
from pages.shared.downloads import again, as_npy, file_button, link_line, whole_record

KEY = "pop_get"


def take_away(
    record: Record, pairs: pd.DataFrame, arrays: Mapping[str, np.ndarray], about_pairs: str
) -> None:
    """Link, files and lines; `arrays` are offered as NPY files where there are any."""
    st.subheader("Take it with you", anchor=False)
    link_line(record)
    stem = f"isthmus-{record.kind}-{record.key[:8]}"
    with st.grid("auto", min_column_width=175):
        whole_record(record, KEY)
        file_button(
            "All pairs (CSV)",
            lambda: pairs.to_csv(index=False).encode(),
            f"{stem}-pairs.csv",
            "text/csv",
            KEY,
            about_pairs,
        )
        if "curves" in arrays:
            file_button(
                "Curves (NPY)",
                lambda: as_npy(arrays["curves"]),
                f"{stem}-curves.npy",
                "application/octet-stream",
                KEY,
                "Loss in nats, float32, (pairs, points), a row for each row of the pairs; for numpy.load.",
            )
    again(record)
