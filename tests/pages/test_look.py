"""Words and the ring of the focus stand out from both themes' grounds."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from pages.shared.look import LINK, QUIET, SHADES

THEMES = tomllib.loads((Path(__file__).parents[2] / ".streamlit/config.toml").read_text())["theme"]


def luminance(color: str) -> float:
    parts = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [v / 12.92 if v <= 0.03928 else ((v + 0.055) / 1.055) ** 2.4 for v in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_words_and_focus_have_enough_contrast(theme: str) -> None:
    for ground in ("backgroundColor", "secondaryBackgroundColor"):
        for shade in (QUIET[theme], LINK[theme], *SHADES[theme].values()):
            assert contrast(shade, THEMES[theme][ground]) >= 4.5, (shade, ground)
