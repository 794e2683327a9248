"""Pictures on their way to the detector: kept as uploads with 8 bits a value, and named in its address."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import streamlit as st

from engine.images import to_bytes, with_channels
from engine.records import Record
from pages.shared import service
from pages.shared.tracks import tracks_of
from pages.shared.uploads import uploaded

PAGE = "pages/detector/page.py"
IMAGE, CLASSIFIER = "image", "dt_classifier"
"""The query parameters that name the pictures and the classifier that is asked about them."""


def attacked_and_clean(record: Record) -> dict[str, np.ndarray]:
    """The pictures of an attack by name, the attacked one first; float32 (C, H, W) each."""
    arrays = record.arrays
    return {
        "K′, attacked": arrays["adversarial"],
        "K, before the attack": arrays["source"],
        "A": tracks_of(arrays)[0].nodes[0],
    }


def kept(pictures: Mapping[str, np.ndarray]) -> list[str]:
    """References to pictures, name -> float32 (C, H, W) in [0, 1], as an 8-bit file would hold them."""
    references = []
    for name, pixels in pictures.items():
        digest = service.store().put_image(with_channels(to_bytes(pixels), 3))
        uploaded()[digest] = name
        references.append(f"upload:{digest}")
    return references


def ask_detector(record: Record) -> None:
    """Go to the detector's page with the pictures of an attack."""
    query = {
        IMAGE: ",".join(kept(attacked_and_clean(record))),
        CLASSIFIER: str(record.spec.to_dict()["classifier"]),
    }
    st.switch_page(PAGE, query_params=query)
