"""Components of our own that run in the browser, each with its files in a folder of its own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import streamlit as st


def component(home: str, name: str, scripts: Sequence[str] = ()) -> Any:
    """The component of the files NAME.html, NAME.css and NAME.js beside the module whose file is `home`.

    `scripts` stand in place of the one script, in this order.
    """
    folder = Path(home).parent
    html, css, *parts = (
        (folder / file).read_text(encoding="utf-8")
        for file in (f"{name}.html", f"{name}.css", *(f"{one}.js" for one in scripts or (name,)))
    )
    return st.components.v2.component(
        f"isthmus_{folder.name}", html=html, css=css, js="\n".join(parts)
    )
