"""How far detectors agree, in a sentence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from engine.experiments.detection.contestants import why_it_decides
from engine.words import listed

FEW = 3
"""So many detectors are named; of more it is told how many they are."""


Titles = Mapping[str, str]
"""Name of each detector of a benchmark -> its title."""


def agreement_words(against: Sequence[str], titles: Titles, decides: str, attack: bool) -> str:
    """Of one image: which detectors, by their titles, say otherwise than the one that decides."""
    if len(titles) == 1:
        return _alone(titles[decides])
    if not against:
        return f"All {len(titles)} detectors of the benchmark agree."
    who = listed([f"**{title}**" for title in against])
    if len(against) > FEW:
        who = f"{len(against)} of {len(titles)} detectors"
    see = "see" if len(against) > 1 else "sees"
    otherwise = "no sign of an attack" if attack else "an attack"
    return f"{who} {see} {otherwise}. {_why(titles[decides], decides)}."


def agreements_words(against: Sequence[Sequence[str]], titles: Titles, decides: str) -> str:
    """Of several images: on how many a detector says otherwise, and which one most often."""
    if len(titles) == 1:
        return _alone(titles[decides])
    count = sum(map(bool, against))
    if not count:
        return f"On every image all {len(titles)} detectors of the benchmark agree."
    ((title, _),) = Counter(title for each in against for title in each).most_common(1)
    return (
        f"On {count:,} of {len(against):,} images other detectors disagree, most often **{title}**. "
        f"{_why(titles[decides], decides)}."
    )


def _alone(decider: str) -> str:
    return f"**{decider}** is the only detector of this benchmark, and decides."


def _why(decider: str, decides: str) -> str:
    return f"**{decider}** {why_it_decides(decides)}"
