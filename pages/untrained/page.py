"""Why it works, as a story: percolation, untrained networks, the conjecture, through training."""

from __future__ import annotations

import streamlit as st

from engine.experiments.theory.conjecture import Conjecture, Percolation
from engine.experiments.untrained.evolution import Evolution
from engine.experiments.untrained.untrained import Untrained
from pages.shared.paper import paper_line
from pages.shared.shell import told
from pages.shared.words import meaning
from pages.untrained.conjecture import conjecture, conjecture_card
from pages.untrained.lattice import lattice
from pages.untrained.networks import networks, networks_card
from pages.untrained.percolation import percolation, percolation_card
from pages.untrained.section import drawer, page_link, plain_sections, section
from pages.untrained.training import training, training_card


def render() -> None:
    """The page, chapter by chapter."""
    st.title("Why it works", anchor=False)
    paper_line("untrained")
    st.markdown(
        "Why are two pictures connected at all? The paper's answer is *percolation*. Fill a grid at "
        "random: suddenly one cluster goes through everything, and one can walk from end to end. "
        "**Drag the slider to the threshold.**",
        help=meaning("cluster", "barrier", "loss", "nats"),
    )
    with page_link().opened() as link:
        with told():
            lattice()
        with told():
            section(
                Percolation,
                link,
                percolation,
                title="The more dimensions, the less it takes",
                words="In *d* dimensions a site has 2*d* neighbours, and one occupied neighbour on average "
                "is about enough. Pictures have thousands of dimensions.",
                figure=percolation_card,
            )
        with told():
            section(
                Untrained,
                link,
                networks,
                title="So even untrained networks should connect",
                words="Noise, changed until a random network is sure of a class: two such inputs, and "
                "the path between them (the paper's Fig. 8).",
                figure=networks_card,
            )
        with told():
            section(
                Conjecture,
                link,
                conjecture,
                title="The paper's conjecture, measured",
                words="Two random inputs with nearly the same output, |f(x₀) − f(x₁)| < δ, are joined by a "
                "path on which |f(x) − f(x₀)| < 2δ, the more surely the more dimensions they have (sec. 5).",
                figure=conjecture_card,
            )
        with told():
            section(
                Evolution,
                link,
                training,
                title="And through training?",
                words="The same kind of inputs, made anew after every batch and epoch (app. D.1).",
                figure=training_card,
            )
        with told():
            plain_sections(link)
        with told():
            drawer(link)


render()
