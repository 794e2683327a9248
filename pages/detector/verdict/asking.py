"""From another page to the detector's, with pictures."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import streamlit as st

from pages.detector.verdict.state import question
from pages.shared.uploads import kept


def ask(pictures: Mapping[str, np.ndarray] | None, classifier: str) -> None:
    """Have pictures judged, name -> float32 (C, H, W), each as the 8-bit file that would hold it."""
    if pictures:
        st.switch_page("pages/detector/page.py", query_params=question(kept(pictures), classifier))
