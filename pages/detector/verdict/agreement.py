"""Whether the detectors agree, in one sentence: who disagrees with the one that decides, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from engine.experiments.detection.contestants import why_it_decides
from engine.words import listed

Titles = Mapping[str, str]
"""Name of each detector of a benchmark -> its title."""


def agreement_words(against: Sequence[str], titles: Titles, decides: str, attack: bool) -> str:
    """Of one image: which detectors, by their titles, say otherwise than the one that decides."""
    if len(titles) == 1:
        return _alone(titles[decides])
    if not against:
        return f"All {len(titles)} detectors of the benchmark agree."
    bold = [f"**{title}**" for title in against]
    see = "see" if len(against) > 1 else "sees"
    otherwise = "no sign of an attack" if attack else "an attack"
    return (
        f"{listed(bold)} {see} {otherwise}, against the verdict of **{titles[decides]}**: "
        f"{_why(titles[decides], decides)}."
    )


def agreements_words(against: Sequence[Sequence[str]], titles: Titles, decides: str) -> str:
    """Of several images: on how many a detector says otherwise, and which one most often."""
    if len(titles) == 1:
        return _alone(titles[decides])
    count = sum(map(bool, against))
    if not count:
        return f"On every image all {len(titles)} detectors of the benchmark agree."
    ((title, _),) = Counter(title for each in against for title in each).most_common(1)
    return (
        f"On {count:,} of {len(against):,} images other detectors, most often **{title}**, disagree "
        f"with the verdict of **{titles[decides]}**: {_why(titles[decides], decides)}."
    )


def _alone(decider: str) -> str:
    return f"**{decider}** is the only detector of this benchmark, and decides."


def _why(decider: str, decides: str) -> str:
    return (
        "each detector looks at other traces of an attack and was fitted by itself, and "
        f"{decider} {why_it_decides(decides)}"
    )
