"""Untrained: what connects inputs before any training. A sequence of sections, each in its own file."""

from __future__ import annotations

import streamlit as st

from engine.experiments.theory.conjecture import Conjecture
from engine.experiments.theory.percolation import Percolation
from engine.experiments.untrained.evolution import SHORT
from engine.experiments.untrained.untrained import SEVERAL
from pages.shared.paper import paper_line
from pages.shared.shell import told
from pages.untrained.conjecture import conjecture
from pages.untrained.lattice import lattice
from pages.untrained.networks import networks
from pages.untrained.percolation import percolation
from pages.untrained.section import page_link, plain_sections, section
from pages.untrained.training import training


def render() -> None:
    """The page, section by section."""
    st.title("Untrained", anchor=False)
    paper_line("untrained")
    st.markdown(
        "Why should two inputs be connected at all? The paper answers with *percolation*: in a space "
        "of many dimensions, even rare places join into one cluster that goes through everything. "
        "Then untrained networks should be connected too."
    )
    with page_link().opened() as link:
        with told():
            section(
                SEVERAL,
                link,
                networks,
                title="Before any training",
                words="Noise can be changed until a network at initialisation is sure of a class. Are "
                "two such *optimal inputs* connected? The paper says yes: two rounds of bypass give a "
                "path A–B″–B′–B‴–C whose loss stays below 0.0005 (sec. 4.4, Fig. 8).",
                label="Connect",
            )
        with told():
            section(
                SHORT,
                link,
                training,
                title="While it learns",
                words="The same kind of inputs, made anew after every batch and epoch of a training, and "
                "the loss on the straight line between them. The paper finds that connectivity rises "
                "early, then saturates while its variance grows (app. D.1).",
                label="Train and measure",
            )
        with told():
            lattice()
        with told():
            section(
                Percolation(),
                link,
                percolation,
                title="The more dimensions, the less it takes",
                words="In *d* dimensions a site has 2*d* neighbours. Mean-field theory, on which the "
                "paper's conjecture rests (app. C), has clusters go on for ever once 2*dp* > 1: once "
                "one neighbour is occupied on average.",
            )
        with told():
            section(
                Conjecture(),
                link,
                conjecture,
                title="Conjecture 5.1, measured",
                words="The paper conjectures: two random inputs to which a random network gives nearly "
                "the same output, |f(x₀) − f(x₁)| < δ, are joined by a path on which |f(x) − f(x₀)| < "
                "2δ, with a probability that goes to 1 as the inputs get more dimensions (sec. 5). It "
                "leaves the measurement open; here it is.",
                label="Measure",
            )
        with told():
            plain_sections(link)


render()
