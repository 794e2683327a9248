"""The app from the shell, wherever the engine is installed."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from typing import NoReturn

from engine.errors import IsthmusError
from engine.shipped import APP


def serve(options: Sequence[str]) -> NoReturn:
    """Become Streamlit's server of the app; `options` are those of `streamlit run`.

    The settings in .streamlit/config.toml beside the app hold in any folder, for Streamlit reads them there.
    """
    if find_spec("streamlit") is None:
        raise IsthmusError(
            "The app needs Streamlit, and this Python has none. "
            "Install it with `pip install streamlit`, or Isthmus again with all that it needs."
        )
    # Without -P, modules in the current folder would come before those that are installed.
    words = [sys.executable, "-P", "-m", "streamlit", "run", str(APP), *options]
    os.execv(sys.executable, words)
