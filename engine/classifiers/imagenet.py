"""ImageNet's thousand classes go by three names: n01440764; "tench, Tinca tinca"; "tench". No torch."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from engine.classifiers.listings import asset, class_names
from engine.datasets.names import plain


def is_wnid(name: str) -> bool:
    """Whether this is WordNet's number of one of the classes, such as "n01440764"."""
    return name in asset("imagenet.json")


def is_imagenet(classes: Sequence[str]) -> bool:
    """Whether these are the thousand classes in ImageNet's own order, however each is called."""
    return len(classes) == len(asset("imagenet.json")) and all(
        number in _meant(name) for number, name in enumerate(classes)
    )


def candidates(classes: Sequence[str]) -> list[set[int]]:
    """The numbers, 0 to 999, that each of some class names may mean in ImageNet.

    "crane" is a bird and a machine. The whole list in its own order tells which; and of two classes of a
    list one is not what the other certainly is.
    """
    if is_imagenet(classes):
        return [{number} for number in range(len(classes))]
    found = [_meant(name) for name in classes]
    certain = set().union(*(one for one in found if len(one) == 1))
    return [one - certain or one for one in found]


def _meant(name: str) -> set[int]:
    """Numbers of the classes of this name: spelt just so, else in any case ("Cardigan" is a dog)."""
    exact, folded = _numbers()
    return exact.get(plain(name)) or folded.get(plain(name).casefold(), set())


@cache
def _numbers() -> tuple[dict[str, set[int]], dict[str, set[int]]]:
    """Name -> the classes that go by it, as it is spelt and in small letters."""
    exact: dict[str, set[int]] = {}
    folded: dict[str, set[int]] = {}
    words = asset("imagenet.json")
    for number, (wnid, own) in enumerate(zip(words, class_names("imagenet"), strict=True)):
        for name in map(plain, (wnid, own, words[wnid], words[wnid].partition(",")[0])):
            exact.setdefault(name, set()).add(number)
            folded.setdefault(name.casefold(), set()).add(number)
    return exact, folded
