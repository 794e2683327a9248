"""A pair in sentences: what stands between two pictures, and what their curves show."""

from __future__ import annotations

from pages.shared.tracks import Pair
from pages.shared.words import nats, share


def straight_words(pair: Pair) -> str:
    """The straight path in a sentence or two."""
    summary = pair.record.summary
    height, threshold = summary["height_before"], summary["threshold"]
    ends = " and ".join(
        f"{letter} ({share(summary[slot]['probability'])} sure, loss {nats(summary[slot]['loss'])})"
        for slot, letter in (("first", "A"), ("second", "C"))
    )
    words = f"The classifier sees **{pair.target}** in {ends}."
    if height <= threshold:
        return (
            f"{words} On the straight path between them the loss never exceeds {nats(height)}: they "
            "are connected already. Choose another pair to see a barrier."
        )
    top = pair.straight.top
    seen = pair.label(int(pair.straight.prediction[top]))
    doubt = "is unsure" if seen == pair.target else f"sees **{seen}**"
    return (
        f"{words} Between them stands a barrier: the loss rises to **{nats(height)}**, where the "
        f"classifier {doubt}. Connect bends the path around it."
    )


def curve_words(pair: Pair) -> str:
    """What the curves show, for those who do not see them."""
    summary = pair.record.summary
    words = f"Loss from A to C: the straight path rises to {nats(summary['height_before'])}"
    if pair.final:
        words += f", the path found reaches at most {nats(summary['height_after'])}"
    return words
