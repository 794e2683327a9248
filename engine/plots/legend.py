"""Legends: one line above the figure."""

from __future__ import annotations

from typing import Any

import altair as alt


def legend(**form: Any) -> alt.Legend:
    """One line above the figure."""
    return alt.Legend(orient="top", title=None, labelLimit=200, **form)
