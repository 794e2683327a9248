"""Home: what this is in one picture, how it works in three steps, finished examples, where to start."""

from __future__ import annotations

import streamlit as st

from engine.experiments.pair.results import PairResult
from engine.records import Record
from pages.detector.verdict.asking import ask
from pages.home.gallery import examples, gallery
from pages.shared.living_map import path_map
from pages.shared.shell import told
from pages.shared.words import figure, nats, plain

STEPS = (
    (
        "Choose two pictures",
        "Take two of one class, from a set or your own. Blending one into the other is the "
        "*straight path*. Halfway, the classifier often loses track of the class: a *barrier*.",
    ),
    (
        "Connect them",
        "A search moves the worst picture sideways until the classifier is sure again, and does the "
        "same wherever a barrier is left, round by round.",
    ),
    (
        "Look at the path",
        "Drag along it; see its loss, its map and every number behind it. A path is called connected "
        "only after a check on a finer grid than the search used.",
    ),
)


def render() -> None:
    """The page."""
    records = examples()
    st.title("Between two pictures", anchor=False)
    st.markdown(
        "For an image classifier, land is where its *loss* is low: where it is sure, and right. Two "
        "pictures of one class lie on land, but the straight way between them often leads through the "
        "sea. An **isthmus** is the strip of land that joins them. This finds it and measures it."
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button(
            "Drop two photographs",
            type="primary",
            icon=":material/upload:",
            key="home_start",
        ):
            st.switch_page("pages/real_real/page.py")
        st.page_link(
            "pages/detector/page.py",
            label="Ask whether an image is an attack",
            icon=":material/policy:",
        )
        st.page_link(
            "pages/claims/page.py",
            label="Does it hold? The paper, claim by claim",
            icon=":material/fact_check:",
        )
        st.page_link("pages/runs/page.py", label="See all results", icon=":material/list_alt:")
    with told():
        if records:
            _picture(next((r for r in records if _flat(r)), records[0]))
        else:
            st.info(
                "The picture that belongs here is drawn from a finished result, and there is none "
                "yet. Connect two pictures to make the first one.",
                icon=":material/landscape:",
            )
    st.subheader("How it works", anchor=False)
    with st.grid(3, min_column_width=250):
        for number, (title, words) in enumerate(STEPS, start=1):
            st.markdown(f"**{number}. {title}**\n\n{words}")
    if records:
        st.subheader("Finished examples", anchor=False)
        with told():
            gallery(records)


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
