"""The pictures that stand for a result in a list, made once for each record."""

from __future__ import annotations

import numpy as np
import streamlit as st

from engine.errors import IsthmusError
from engine.images import to_bytes
from engine.records import Record
from pages.shared import service
from pages.shared.strip import data_uri

SIDE = 96


def portrait(record: Record) -> tuple[str, ...]:
    """Up to two small pictures as data URIs; none where a record holds none, or is damaged."""
    return () if record.damage else _portrait(record.key, str(record.path))


@st.cache_resource(show_spinner=False, max_entries=1024)
def _portrait(key: str, path: str) -> tuple[str, ...]:
    """`path` tells copies of a record apart."""
    try:
        record = service.find(key)
        pictures = record.result.portrait if record else ()
        return tuple(data_uri(to_bytes(np.asarray(one)), SIDE) for one in pictures[:2])
    # Numbers that somebody brought need not be what their experiment writes.
    except (IsthmusError, LookupError, TypeError, ValueError, AttributeError):
        return ()
