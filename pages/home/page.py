"""Home: what this is in one picture, how it works in three steps, finished examples, where to start."""

from __future__ import annotations

import streamlit as st

from engine.experiments.pair.results import PairResult
from engine.records import Record
from pages.home.gallery import examples, gallery
from pages.shared.chart_block import chart_block
from pages.shared.figures import loss_curves, loss_plane
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
    left, right = st.columns([5, 6], gap="large")
    with left:
        st.title("Between two pictures", anchor=False)
        st.markdown(
            "An **isthmus** is a narrow strip of land that joins two larger ones. For an image "
            "classifier, land is where its *loss* is low: where it is sure, and right. Two pictures "
            "of one class lie on land, but the straight way between them often leads through "
            "the sea. Isthmus finds the strip of land that joins them, shows it and measures it."
        )
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
        st.page_link("pages/runs/page.py", label="See all results", icon=":material/list_alt:")
    with right, told():
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
    """The one picture: the map of a record's loss plane, or its curves where it has no map."""
    pair, summary = record.found(PairResult), record.summary
    mapped = "plane_loss" in record.arrays
    chart_block(
        loss_plane(record.arrays, pair.threshold, pair.classes) if mapped else loss_curves(pair),
        key="home_picture",
        alt_text="A map of the loss between two pictures A and C: the straight path crosses the sea "
        "of high loss, the path found keeps to the land",
    )
    target, classifier = plain(pair.target_name), plain(record.spec.to_dict()["classifier"])
    st.caption(
        f"Two pictures of a {target}, A and C, for {classifier}. The "
        f"straight path rises to {nats(summary['height_before'])} of loss, the path over B′ stays "
        f"at {nats(summary['height_after'])} or less. A loss of {figure(0.05)} nats means that the "
        "classifier is 95 % sure."
    )


render()
