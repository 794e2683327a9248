"""A pair in sentences: what stands between two pictures."""

from __future__ import annotations

from engine.experiments.pair.results import PairResult
from pages.shared.words import nats, plain, share


def straight_words(pair: PairResult) -> str:
    """The straight path in a sentence or two."""
    summary = pair.summary
    height, threshold = summary["height_before"], summary["threshold"]
    ends = " and ".join(
        f"{letter} ({share(summary[slot]['probability'])} sure, loss {nats(summary[slot]['loss'])})"
        for slot, letter in (("first", "A"), ("second", "C"))
    )
    words = f"The classifier sees **{plain(pair.target_name)}** in {ends}."
    if height <= threshold:
        return (
            f"{words} On the straight path between them the loss never exceeds {nats(height)}: they "
            "are connected already. Choose another pair to see a barrier."
        )
    top = pair.straight.top
    seen = pair.label(int(pair.straight.prediction[top]))
    doubt = "is unsure" if seen == pair.target_name else f"sees **{plain(seen)}**"
    return (
        f"{words} Between them stands a barrier: the loss rises to **{nats(height)}**, where the "
        f"classifier {doubt}. Connect bends the path around it."
    )
