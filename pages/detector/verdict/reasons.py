"""What moved a score: groups of features, and the response to each short path."""

from __future__ import annotations

import streamlit as st

from engine.words import signed
from pages.detector.verdict.judged import Judged
from pages.shared.chart_block import chart_block
from pages.shared.figures import score_parts
from pages.shared.strip import picture_grid
from pages.shared.words import share, spaced


def reasons(found: Judged, image: int) -> None:
    """The parts of an image's score; nothing where the score is no sum, or the record is an earlier one."""
    parts = found.parts(image)
    if parts is None:
        return
    st.header("What moved the score", anchor=False)
    chart_block(
        score_parts(parts.assign(group=parts["group"].map(spaced))),
        f"The score of {found.titles[found.decider]} is a sum; a bar is what one part adds to it. Thin "
        "lines: the middle 80 % of the benchmark's clean and attacked images.",
        key="dt_parts",
        of=f"{found.key[:8]}-{image}",
        alt_text="What each group of features adds to the log-odds of an attack, beside clean and attacked "
        "images",
    )
    responses(found, image)


def responses(found: Judged, image: int) -> None:
    """The points of an image's short paths, with the class seen in each; nothing in earlier records."""
    table = found.responses(image)
    if table is None:
        return
    lost = int((~table["kept"]).sum())
    own = found.row(image)["class"]
    st.markdown(
        f"The image a little way along {len(table)} short paths, those that move the score most first: "
        + (
            f"at {lost} of them another class is seen."
            if lost
            else f"{own} is seen at all of them."
        )
    )
    picture_grid(
        (
            found.points[image, row["picture"]],
            spaced(row["path"]),
            (
                f"{'' if row['kept'] else '→ '}{row['class']}, {share(row['probability'])}",
                f"{signed(row['part'])} to the score" if "part" in row else "",
            ),
        )
        for row in table.to_dict("records")
    )
