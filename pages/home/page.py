"""Home: what this is in one picture, five kinds of finished examples, where to start."""

from __future__ import annotations

import streamlit as st

from engine.experiments.pair.results import PairResult
from engine.records import Record
from pages.detector.verdict.state import ask
from pages.home.gallery import examples, gallery
from pages.real_real.pictures import DESK
from pages.shared.living_map import path_map
from pages.shared.paper import ADDRESS
from pages.shared.shell import told
from pages.shared.words import figure, meaning, nats, plain


def render() -> None:
    """The page."""
    records = examples()
    st.title("Between two pictures", anchor=False)
    st.markdown(
        "Halfway from one picture to another of its class, an image classifier often loses the class. "
        "Isthmus finds a way around, on which it stays sure: a narrow strip of land, an **isthmus**. "
        "Attacked pictures are joined less easily, which gives them away. After [*Input space mode "
        f"connectivity in deep neural networks*]({ADDRESS}) (Vrabel, Shem-Ur, Oz and Krueger, 2024).",
        help=meaning("barrier", "loss", "nats"),
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button(
            "Drop two photographs",
            type="primary",
            icon=":material/upload:",
            key="home_start",
        ):
            DESK.want()
            st.switch_page("pages/real_real/page.py")
        st.page_link(
            "pages/detector/page.py",
            label="Is it an attack?",
            icon=":material/policy:",
        )
        st.page_link(
            "pages/claims/page.py",
            label="Does it hold? The paper, claim by claim",
            icon=":material/fact_check:",
        )
    with told():
        if records:
            _picture(next((r for r in records if _flat(r)), records[0]))
        else:
            st.info(
                "The picture that belongs here is drawn from a finished result, and there is none "
                "yet. Connect two pictures to make the first one.",
                icon=":material/landscape:",
            )
    st.header("See an example", anchor=False)
    with told():
        gallery()


def _flat(record: Record) -> bool:
    """Whether the whole path lies in the plane that is drawn, so that the map shows its true loss."""
    return record.summary["rounds"] == 1 and "plane_loss" in record.arrays


def _picture(record: Record) -> None:
    """The one picture: the map of a record's plane, to move over, with its paths."""
    pair, summary = record.found(PairResult), record.summary
    target, classifier = plain(pair.target_name), plain(pair.spec.classifier)
    st.markdown("**Every point of this map is a picture.** Move over it, or walk along a path.")
    ask(path_map(pair, record.arrays, key="home_map"), pair.spec.classifier)
    st.caption(
        f"A and C are two pictures of a {target}, seen by {classifier}. The straight path rises to "
        f"{nats(summary['height_before'])} of loss at B, the path over B′ stays at "
        f"{nats(summary['height_after'])} or less. A loss of {figure(0.05)} nats means that the "
        "classifier is 95 % sure."
    )


render()
