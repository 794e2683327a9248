"""Untrained: what connects inputs before any training. A sequence of sections, each in its own file."""

from __future__ import annotations

import streamlit as st

from pages.shared.shell import told
from pages.untrained.conjecture import conjecture
from pages.untrained.lattice_view import lattice_view
from pages.untrained.networks import networks
from pages.untrained.percolation import percolation
from pages.untrained.plain import plain_sections
from pages.untrained.section import page_link
from pages.untrained.training import training


def render() -> None:
    """The page, section by section."""
    st.title("Untrained", anchor=False)
    st.markdown(
        "Why should two inputs be connected at all? The paper answers with *percolation*: in a space "
        "of many dimensions, even rare places join into one cluster that goes through everything. "
        "Then untrained networks should be connected too. Here they are, before and during training; "
        "below, percolation to play with, and the paper's conjecture put to the test."
    )
    with page_link().opened() as link:
        with told():
            networks(link)
        with told():
            training(link)
        with told():
            lattice_view()
        with told():
            percolation(link)
        with told():
            conjecture(link)
        with told():
            plain_sections(link)


render()
