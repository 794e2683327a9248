"""The frame around every page: name, sign-in gate, navigation, job tray."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from engine import __version__
from engine.errors import IsthmusError
from engine.experiments.base import Spec
from engine.shipped import ASSETS
from pages.shared.setup import settled
from pages.shared.sign_in import invited, providers
from pages.shared.words import plain


def configure() -> None:
    """Title, icon and layout of the browser's window."""
    st.set_page_config(
        page_title="Isthmus",
        page_icon=str(ASSETS / "icon.svg"),
        layout="wide",
        menu_items={
            "About": f"**Isthmus {__version__}**: paths of low loss between images, after "
            "Vrabel et al. 2024, *Input space mode connectivity in deep neural networks*."
        },
    )
    st.logo(str(ASSETS / "logo.svg"), icon_image=str(ASSETS / "icon.svg"), size="large")


def admitted() -> bool:
    """Whether the page may be shown; if not, says why, or offers to sign in."""
    first = settled()
    if first.faults:  # the door is shut then; this is for whoever runs the script without it
        st.title("Isthmus is not set up")
        st.markdown("Whoever runs this server has to mend its configuration first.")
        return False
    known = bool(st.user.get("is_logged_in"))
    if first.auth is None or (known and invited(st.user.to_dict(), first.auth)):
        return True
    st.title("Isthmus")
    if known:
        st.markdown(
            f"This server is not open to {_name()}. Sign out and come in with another address, or ask "
            "whoever runs it."
        )
        _sign_out()
        return False
    st.markdown("Please sign in to use this server.")
    for provider in providers(first.auth):
        label = f"Sign in with {provider.capitalize()}" if provider else "Sign in"
        if st.button(label, type="primary", key=f"sign_in_{provider}"):
            st.login(provider or None)
    return False


PAGES = {
    "home": ("Home", "home", "What Isthmus does, in pictures."),
    "real-real": (
        "Connect two pictures",
        "conversion_path",
        "Join two pictures of one class by a path on which the classifier stays sure.",
    ),
    "real-adversarial": (
        "Attack a picture",
        "masks",
        "Make the classifier see another class, and see what gives that away.",
    ),
    "manifold": (
        "Grow pictures",
        "auto_awesome",
        "Grow pictures of a class from noise, connect them, explore what they span.",
    ),
    "untrained": (
        "Why it works",
        "grain",
        "Percolation, untrained networks, the paper's conjecture.",
    ),
    "detector": (
        "Is it an attack?",
        "policy",
        "Give a picture and learn whether it was attacked, and why; detectors compared.",
    ),
    "claims": (
        "Does it hold?",
        "fact_check",
        "The paper, claim by claim: what was measured here, and what follows.",
    ),
    "runs": ("Results", "list_alt", "Every stored result: open, compare, download, delete."),
}
"""Address of each page -> its title, its icon, and what one can do there."""


def navigation() -> st.Page:
    """The pages that exist, and which of them is asked for; the first is home."""
    return st.navigation(
        [
            st.Page(
                page_file(address),
                title=title,
                icon=f":material/{icon}:",
                url_path=address,
                default=address == "home",
                help=words,
            )
            for address, (title, icon, words) in PAGES.items()
        ]
    )


@contextmanager
def told() -> Iterator[None]:
    """Show an error that is meant for users as a message, so that the frame around it stays."""
    try:
        yield
    except IsthmusError as error:
        st.error(plain(str(error)), icon=":material/error:")


def account() -> None:
    """Who is signed in, and the way out."""
    if settled().auth is not None:
        with st.sidebar:
            st.caption(f"Signed in as {_name()}")
            _sign_out()


def _sign_out() -> None:
    st.button("Sign out", icon=":material/logout:", key="sign_out", on_click=st.logout)


def _name() -> str:
    return plain(str(st.user.get("email") or st.user.get("name") or "a visitor"))


def page_file(address: str) -> str:
    """The file of the page with an address: pages/real_real/page.py of "real-real"."""
    return f"pages/{address.replace('-', '_')}/page.py"


def page_of(spec: Spec) -> str:
    """The file of the page that shows an experiment's results."""
    return page_file(spec.page)
