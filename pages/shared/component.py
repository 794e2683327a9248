"""Components of our own that run in the browser, each with its files in a folder of its own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import streamlit as st


def component(home: str, name: str, scripts: Sequence[str] = ()) -> Any:
    """The component of the files NAME.html, NAME.css and NAME.js beside the module whose file is `home`.

    `scripts` stand in place of the one script, in this order. What all components share of style and
    script lies beside this file.
    """
    folder, shared = Path(home).parent, Path(__file__)

    def text(*paths: Path) -> str:
        return "\n".join(path.read_text(encoding="utf-8") for path in paths)

    return st.components.v2.component(
        f"isthmus_{folder.name}",
        html=text(folder / f"{name}.html"),
        css=text(shared.with_suffix(".css"), folder / f"{name}.css"),
        js=text(*(folder / f"{one}.js" for one in scripts or (name,)), shared.with_suffix(".js")),
    )
