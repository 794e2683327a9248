"""Which pairs a population consists of: drawn from the labels alone, the same on every machine. No torch.

Pairs come in blocks. A block holds seven unique pairs of one class, of which the five whose ends differ
least in loss are kept (Vrabel et al. 2024, sec. 4.2); the paper has one block for each of 1,000 classes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from engine.errors import DataError
from engine.random import generator

Branch = Literal["real", "adversarial"]

TAKEN, SPARE = 5, 2
"""Pairs of a block that are kept, and that are drawn beyond those."""


@dataclass(frozen=True)
class Block:
    """Pairs of one class, image indices (n, 2), of which the best `keep` will be kept.

    In the adversarial branch the second image is of another class than `label`.
    """

    label: int
    rows: np.ndarray
    keep: int


@dataclass(frozen=True)
class Population:
    """The blocks of one branch, and the classes that have too few images to take part."""

    blocks: tuple[Block, ...]
    left_out: tuple[int, ...]

    @property
    def drawn(self) -> int:
        """Pairs in all blocks, those to be dropped included."""
        return sum(len(block.rows) for block in self.blocks)


def population(
    labels: np.ndarray, classes: int, pairs: int, branch: Branch, seed: int
) -> Population:
    """Blocks that will keep `pairs` pairs, dealt to the classes in turn, in random order.

    `labels` (N,) is each image's class, negative where the classifier has none for it. DataError where the
    images do not make that many pairs.
    """
    members = [np.flatnonzero(labels == label) for label in range(classes)]
    possible = [_possible(len(own), (labels >= 0).sum() - len(own), branch) for own in members]
    here = [label for label in range(classes) if len(members[label])]
    usable = [label for label in here if possible[label]]
    usable = [usable[k] for k in generator(seed, f"population/{branch}").permutation(len(usable))]
    shares = _deal([possible[label] for label in usable], pairs)
    total = sum(map(sum, shares))
    if total < pairs:
        raise DataError(
            f"{pairs:,} pairs were asked for, and the image set makes {total:,}: it has "
            f"{int((labels >= 0).sum()):,} images of {len(here)} classes that the classifier knows. "
            "Ask for fewer pairs, or take a larger image set."
        )
    queues = [
        _blocks(labels, label, members[label], keeps, branch, seed)
        for label, keeps in zip(usable, shares, strict=True)
        if keeps
    ]
    turns = max(map(len, queues), default=0)
    blocks = [queue[turn] for turn in range(turns) for queue in queues if turn < len(queue)]
    left_out = tuple(label for label in here if not possible[label])
    return Population(tuple(blocks), left_out)


def _possible(own: int, others: int, branch: Branch) -> int:
    """How many unique pairs a class with `own` images makes."""
    return own * (own - 1) // 2 if branch == "real" else own * others


def _deal(possible: list[int], pairs: int) -> list[list[int]]:
    """How many pairs each block of each class keeps, dealt a block a class, turn by turn."""
    shares: list[list[int]] = [[] for _ in possible]
    free, left = list(possible), pairs
    while left and any(free):
        for k, room in enumerate(free):
            size = min(TAKEN + SPARE, room)
            keep = min(left, max(1, size - SPARE)) if size else 0
            if keep:
                shares[k].append(keep)
            free[k] -= min(room, keep + SPARE)
            left -= keep
    return shares


def _blocks(
    labels: np.ndarray, label: int, own: np.ndarray, keeps: list[int], branch: Branch, seed: int
) -> list[Block]:
    draws = generator(seed, f"population/{branch}/{label}")
    if branch == "real":
        total, pair = len(own) * (len(own) - 1) // 2, _unordered(own)
    else:
        others = np.flatnonzero((labels >= 0) & (labels != label))
        total, pair = len(own) * len(others), _product(own, others)
    sizes = np.minimum(np.add(keeps, SPARE), total)
    numbers = _without_repeats(draws, total, min(total, int(sizes.sum())))
    rows = np.array([pair(int(number)) for number in numbers], dtype=np.int64).reshape(-1, 2)
    parts = np.split(rows, np.cumsum(sizes)[:-1])
    return [Block(label, part, keep) for part, keep in zip(parts, keeps, strict=True)]


def _without_repeats(draws: np.random.Generator, total: int, count: int) -> np.ndarray:
    """`count` different numbers below `total`, in random order."""
    if total <= 4 * count:
        return draws.permutation(total)[:count]
    chosen: dict[int, None] = {}
    while len(chosen) < count:
        chosen[int(draws.integers(total))] = None
    return np.array(list(chosen), dtype=np.int64)


def _unordered(own: np.ndarray) -> Callable[[int], tuple[int, int]]:
    """Number -> pair of different images, every unordered pair once."""

    def pair(number: int) -> tuple[int, int]:
        second = int((1 + np.sqrt(1 + 8 * float(number))) // 2)
        # The root of a large number may be rounded to the wrong side.
        while second * (second - 1) // 2 > number:
            second -= 1
        while (second + 1) * second // 2 <= number:
            second += 1
        return int(own[number - second * (second - 1) // 2]), int(own[second])

    return pair


def _product(own: np.ndarray, others: np.ndarray) -> Callable[[int], tuple[int, int]]:
    def pair(number: int) -> tuple[int, int]:
        return int(own[number // len(others)]), int(others[number % len(others)])

    return pair


BRANCHES: tuple[Branch, ...] = get_args(Branch)
