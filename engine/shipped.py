"""Where the app and its assets lie: beside the engine in a checkout, inside it when installed."""

from __future__ import annotations

from pathlib import Path

_ENGINE = Path(__file__).resolve().parent

# A wheel has them in here (see pyproject.toml): the top of site-packages belongs to everybody.
_INSTALLED = _ENGINE / "_shipped"

HOME = _INSTALLED if _INSTALLED.is_dir() else _ENGINE.parent
"""The folder that holds app.py, pages/, assets/ and .streamlit/."""

APP = HOME / "app.py"
"""What Streamlit runs."""

ASSETS = HOME / "assets"
"""Weights, records, tables and pictures that ship with the software."""
