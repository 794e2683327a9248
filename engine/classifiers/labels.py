"""Labels: sets and classifiers number the same classes, each in its own way; people name them. No torch."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING

import numpy as np

from engine.classifiers.listings import LISTINGS, asset, class_names
from engine.datasets.imageset import UNKNOWN_CLASS
from engine.datasets.names import plain
from engine.errors import ClassesError, ParameterError, unknown_name
from engine.words import counted

if TYPE_CHECKING:
    from engine.classifiers.cards import Card
    from engine.datasets import ImageSet


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
    # Folders are called "n02085620-Chihuahua", too.
    if is_wnid(name[:9]) and not name[9:10].isalnum():
        name = name[:9]
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


UNKNOWN = UNKNOWN_CLASS
"""The label of an image whose class nobody has said: what the classifier sees in it may be right."""

FOREIGN = -2
"""The label of an image of a class that the classifier does not know: it cannot be right."""

NAMED = 3
"""Classes that an error names; the others are counted."""


@dataclass(frozen=True)
class Matching:
    """Which class of a classifier each class of an image set is, as far as the set has pictures of it.

    `labels` (K + 1,) is the classifier's label for each label of the set, the last one for -1; see `align`.
    `known`, `unknown` and `ambiguous` are names of the set's classes: one class of the classifier, none, or
    several; `alike` are those of the known ones that are the same class ("cat" and "Cat"). `in_order`:
    nothing was matched by name, for one side only counts its classes.
    """

    dataset: str
    classifier: str
    labels: np.ndarray
    known: tuple[str, ...]
    unknown: tuple[str, ...]
    ambiguous: tuple[str, ...]
    alike: tuple[tuple[str, ...], ...]
    in_order: bool

    def __repr__(self) -> str:
        return f"<Matching: {self.sentence}>"

    @property
    def complete(self) -> bool:
        """Whether every class was found by its name, so that there is nothing to say."""
        return not (self.unknown or self.ambiguous or self.alike or self.in_order)

    @property
    def sentence(self) -> str:
        """How many classes match, which do not, and what follows from that."""
        if self.in_order:
            both = f"{self.dataset} and {self.classifier} have no names of classes in common"
            if self.known:
                return f"{both}, and one of them only counts: equally many are taken to be in the same order."
            return f"{both}, nor equally many: whatever is seen in a picture is taken for right."
        total = len(self.known) + len(self.unknown) + len(self.ambiguous)
        words = (
            f"{self.classifier} knows {len(self.known):,} of {counted(total, 'classes')} of "
            f"{self.dataset}."
        )
        for same in self.alike:
            words += f" {_some(same)} are one to it."
        if self.unknown:
            words += (
                f" It does not know {_some(self.unknown)}: such pictures count as misclassified."
            )
        if self.ambiguous:
            words += (
                f" Several of its classes may be meant by {_some(self.ambiguous)}: such pictures are left "
                "out. Name one alone, for classes of ImageNet by their number in WordNet (n02012849)."
            )
        return words


def align(
    dataset_classes: Sequence[str],
    classifier_classes: Sequence[str],
    nameless: bool | None = None,
) -> np.ndarray:
    """The classifier's label for each label of a data set, int64 (K + 1,); FOREIGN where it has none.

    Names are matched as they are spelt, else in any case, as numbers (007 is 7), or as ImageNet's (n01440764
    is "tench, Tinca tinca" and "tench"); a name that fits several classes is FOREIGN. Where none matches and
    one side is `nameless` (by default: where its names are mere numbers), equally many classes are taken to
    be in the same order, and others are UNKNOWN. The last entry is UNKNOWN, so that the label -1 (class
    unknown) stays what it is.
    """
    if nameless is None:
        nameless = numbered(tuple(dataset_classes)) or numbered(tuple(classifier_classes))
    return _aligned(tuple(dataset_classes), tuple(classifier_classes), nameless)[0]


def matching(data: ImageSet, seen: Card) -> Matching:
    """How the classes that a set has pictures of match those of a classifier."""
    nameless = seen.untrained or any(
        numbered(classes) and not _chosen_as_names(classes, dataset)
        for classes, dataset in ((data.classes, data.name), (seen.classes, seen.dataset))
    )
    labels, doubtful, in_order = _aligned(data.classes, seen.classes, nameless)
    shown = np.unique(data.labels[data.labels >= 0]).tolist()

    doubt = np.isin(np.arange(len(labels)), list(doubtful))

    def named(which: np.ndarray) -> tuple[str, ...]:
        return tuple(data.classes[label] for label in shown if which[label])

    times = Counter(label for label in labels[shown].tolist() if label >= 0)
    return Matching(
        data.name,
        seen.name,
        labels,
        known=named(labels >= 0),
        unknown=named((labels < 0) & ~doubt),
        ambiguous=named(doubt),
        alike=tuple(named(labels == label) for label, count in times.items() if count > 1),
        in_order=in_order and bool(shown),
    )


def labels_of(data: ImageSet, seen: Card) -> np.ndarray:
    """The classifier's label for each image of a set, int64 (N,); UNKNOWN or FOREIGN where it has none.

    ClassesError where the set says what it shows, and the classifier knows none of it.
    """
    found = matching(data, seen)
    if not (found.known or found.complete or found.in_order):
        raise _nothing_in_common(data, seen, found)
    return found.labels[np.maximum(data.labels, UNKNOWN)]


# A sweep asks for thousands of keys, of one set and one classifier.
@lru_cache(maxsize=32)
def _aligned(
    ours: tuple[str, ...], theirs: tuple[str, ...], nameless: bool
) -> tuple[np.ndarray, frozenset[int], bool]:
    """`align`, which of our labels fit several of theirs, and whether their order alone decided."""
    choices = _choices(ours, theirs)
    in_order = nameless and not any(choices)
    doubtful = frozenset(label for label, one in enumerate(choices) if len(one) > 1)
    labels = [one[0] if len(one) == 1 else UNKNOWN if in_order else FOREIGN for one in choices]
    if in_order and len(ours) == len(theirs):
        labels = list(range(len(ours)))
    found = np.array([*labels, UNKNOWN], dtype=np.int64)
    found.flags.writeable = False
    return found, doubtful, in_order


def _choices(ours: Sequence[str], theirs: Sequence[str]) -> list[list[int]]:
    """For each of our classes, those of theirs that go by its name."""
    meant, known = candidates(ours), candidates(theirs)
    places = list(zip(ours, theirs, meant, known, strict=False))
    if len(ours) == len(theirs) and all(
        _counted(one) == _counted(other) or number & its for one, other, number, its in places
    ):
        return [[label] for label in range(len(ours))]
    ways = [_places(list(map(spelt, theirs))) for spelt in _SPELLINGS]
    numbers = _places([one.copy().pop() if len(one) == 1 else None for one in known])
    whole = is_imagenet(theirs)
    found = []
    for name, one in zip(ours, meant, strict=True):
        by_name = next(
            (
                hit
                for spelt, way in zip(_SPELLINGS, ways, strict=True)
                if (hit := way.get(spelt(name)))
            ),
            [],
        )
        # A network of all of ImageNet may call the machine "crane"; who says it may mean the bird.
        if whole or (not by_name and len(one) == 1):
            by_name = (
                sorted(label for number in one for label in numbers.get(number, [])) or by_name
            )
        found.append(by_name)
    return found


def _folded(name: str) -> str:
    return plain(name).casefold()


def _counted(name: str) -> str:
    return str(int(name)) if name.isascii() and name.isdecimal() else _folded(name)


_SPELLINGS: tuple[Callable[[str], str], ...] = (plain, _folded, _counted)
"""How a name is compared: as it is spelt, else in any case, else as a number."""


def _places(names: Sequence[Hashable]) -> dict[Hashable, list[int]]:
    """Name -> where it stands in a list."""
    found: dict[Hashable, list[int]] = {}
    for place, name in enumerate(names):
        found.setdefault(name, []).append(place)
    return found


@lru_cache(maxsize=64)
def numbered(classes: tuple[str, ...]) -> bool:
    """Whether class names are mere numbers, such as "7" or "class 7": they tell nothing."""
    if all(map(is_wnid, classes)):
        return False
    found = (re.fullmatch(r"(\D*)\d+", name.strip()) for name in classes)
    beginnings = {match[1] if match else None for match in found}
    return len(beginnings) == 1 and None not in beginnings


def _chosen_as_names(classes: tuple[str, ...], dataset: str | None) -> bool:
    """Whether these are the very names of a known set: the digits are called "0" to "9" with reason."""
    known = (listing.classes for listing in LISTINGS.values() if listing.dataset == dataset)
    return classes in known


def _nothing_in_common(data: ImageSet, seen: Card, found: Matching) -> ClassesError:
    own = f" (it was trained on {seen.dataset})" if seen.dataset else ""
    alike = f" {found.sentence}" if found.ambiguous else ""
    return ClassesError(
        f"The images of {data.name} are of {_some((*found.unknown, *found.ambiguous))}, and {seen.name} "
        f"tells apart {_some(seen.classes)}: they have no class in common, so none of these images can be "
        f"correctly classified.{alike} Choose an image set with classes of the classifier{own} or another "
        "classifier; pairs of pictures of your own need no set."
    )


def _some(classes: Sequence[str]) -> str:
    """How many classes these are, and the names of the first: "10 classes (disc, ring, square ...)"."""
    more = " ..." if len(classes) > NAMED else ""
    count = "1 class" if len(classes) == 1 else f"{len(classes):,} classes"
    return f"{count} ({', '.join(classes[:NAMED])}{more})"


def spec_names(classes: Sequence[str]) -> list[str]:
    """What specs call each class: its name, or its number where several share the name."""
    times = Counter(map(plain, classes))
    return [name if times[plain(name)] == 1 else str(number) for number, name in enumerate(classes)]


def class_index(label: str, classes: Sequence[str]) -> int:
    """The index of a class given by name or by number.

    A name is taken as it is spelt, else in any case. UnknownNameError where there is no such class,
    ParameterError where there are several.
    """
    for spelt in _SPELLINGS[:2]:
        hits = _places(list(map(spelt, classes))).get(spelt(label), [])
        if len(hits) > 1:
            raise ParameterError(
                f"Class {label!r}: {len(hits)} classes are called so. Expected the number of one of them: "
                f"{', '.join(map(str, hits))}."
            )
        if hits:
            return hits[0]
    if label.isdecimal() and int(label) < len(classes):
        return int(label)
    raise unknown_name("class", label, classes)
