"""Parts of a page that run again alone, each at a place that its own runs leave alone."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

import streamlit as st

P = ParamSpec("P")


def fragment(draw: Callable[P, None], run_every: float | None = None) -> Callable[P, None]:
    """A function whose part of a page is drawn again alone, by what happens in it or every so many seconds.

    Streamlit (1.67) drops what a fragment has drawn and the browser has not been sent yet once the fragment
    runs again, its place too: what follows would move up and be drawn over. So the place is not its own.
    """
    alone = st.fragment(draw, run_every=run_every)

    @wraps(draw)
    def placed(*args: P.args, **kwargs: P.kwargs) -> None:
        with st.container():
            alone(*args, **kwargs)

    return placed
