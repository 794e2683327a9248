"""What makes words and focus readable in both themes, where Streamlit's own shades are too faint."""

from __future__ import annotations

import streamlit as st

from engine.plots.palette import BYPASS, MARK, STRAIGHT
from engine.plots.standing import BAD, GOOD, ZONES

QUIET = {"light": "#55646D", "dark": "#A3B1B9"}
"""Words that explain, with a contrast of at least 4.5 to 1."""

LINK = {"light": "#0B63A5", "dark": "#7CC0F2"}
"""What is chosen, and the ring around what has the focus."""

SHADES = {
    "light": {
        MARK: QUIET["light"],
        STRAIGHT: "#A8480F",
        BYPASS: "#1F66A6",
        ZONES[GOOD]: "#00635C",
        ZONES[BAD]: "#96305A",
    },
    "dark": {
        MARK: QUIET["dark"],
        STRAIGHT: "#E98A55",
        BYPASS: "#5AA4E0",
        ZONES[GOOD]: "#4CC2B6",
        ZONES[BAD]: "#EE8FAE",
    },
}
"""Colours of figures, as words on the page have them."""


def theme() -> str:
    """What the visitor's browser shows: "light" or "dark"."""
    return "dark" if st.context.theme.type == "dark" else "light"


def look() -> None:
    """The style of all pages."""
    quiet, link = QUIET[theme()], LINK[theme()]
    st.html(
        "<style>"
        "[data-testid=stCaptionContainer],[data-testid=stCaptionContainer] *,"
        "[data-testid=stImageCaption],[data-testid=stFileUploaderDropzoneInstructions] *"
        f"{{color:{quiet}!important;opacity:1!important}}"
        "[data-testid=stCode] code *{color:inherit!important}"
        ":is([kind$=Active],[aria-checked=true],[data-testid$=Active],[data-testid=stButtonGroup] "
        "[data-selected=true]) *"
        f"{{color:{link}!important}}"
        ":is(button,a,input,summary,[role=tab],[role=slider],[tabindex]):focus-visible"
        f"{{outline:2px solid {link}!important;outline-offset:2px}}"
        "[data-testid=stMainBlockContainer]{padding-top:4rem;padding-bottom:4rem}"
        "@media(max-width:640px){[data-testid=stHorizontalBlock]{gap:1rem!important}}"
        "</style>"
    )
