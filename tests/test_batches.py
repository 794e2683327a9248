"""Batches shrink where the GPU's memory does not hold them; `lanes` where few images are looked at."""

from __future__ import annotations

import pytest
import torch

from engine.batches import LANES, PARTS, batch_size, fitting, lanes, narrow
from engine.errors import IsthmusError

SHAPE = (3, 32, 32)
FULL = batch_size(SHAPE, torch.device("cpu"))


def measured(room: int, sizes: list[int]) -> int:
    """A computation on a device that holds `room` images at once."""

    def compute() -> int:
        sizes.append(batch_size(SHAPE, torch.device("cpu")))
        if sizes[-1] > room:
            raise torch.cuda.OutOfMemoryError("CUDA out of memory.")
        return fitting(lambda: sizes[-1])  # a part of it, which begins again with the whole

    return fitting(compute)


def test_batches_are_halved_until_they_fit() -> None:
    sizes: list[int] = []
    assert measured(FULL // 3, sizes) == FULL // 4
    assert sizes == [FULL, FULL // 2, FULL // 4]
    assert batch_size(SHAPE, torch.device("cpu")) == FULL


def test_what_never_fits_is_told_in_words() -> None:
    sizes: list[int] = []
    with pytest.raises(IsthmusError, match="ISTHMUS_DEVICE=cpu"):
        measured(0, sizes)
    assert len(sizes) == len(PARTS)


def test_other_errors_pass_and_lanes_stay() -> None:
    seen: list[int] = []

    def compute() -> None:
        seen.append(lanes(SHAPE, torch.device("cpu")))
        if len(seen) == 1:
            raise torch.cuda.OutOfMemoryError
        raise RuntimeError("a defect")

    with pytest.raises(RuntimeError, match="a defect"):
        fitting(compute)
    assert seen[0] == seen[1] == lanes(SHAPE, torch.device("cpu"))


def test_where_few_images_are_looked_at_passes_are_narrow_until_the_end() -> None:
    least, most = LANES["cpu"]
    wide = lanes(SHAPE, torch.device("cpu"))
    assert wide == most
    with narrow():
        assert lanes(SHAPE, torch.device("cpu")) == least
    assert lanes(SHAPE, torch.device("cpu")) == wide
