"""Networks are opened while others compute: nobody notices."""

from __future__ import annotations

import os
import random
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from typing import Any

import numpy as np
import torch
from torch import nn

import engine
from engine.classifiers.folding import fold_modules
from engine.classifiers.networks import build
from tests.classifiers.conftest import Export


def shared() -> list[Any]:
    """What all threads of a process see of each other."""
    return [
        torch.get_num_threads(),
        torch.get_default_dtype(),
        torch.get_rng_state().numpy().tobytes(),
        random.getstate(),
        str(np.random.get_state()),
        [*warnings.filters],
        warnings.showwarning,
        dict(os.environ),
        dict(vars(nn.Module)),
        dict(vars(torch.Tensor)),
    ]


def test_opening_networks_changes_nothing_for_those_that_compute(export: Export) -> None:
    path = export()
    network = build("tiny-resnet", 1, 10, seed=0).eval()
    images = torch.rand(8, 1, 8, 8)

    def compute() -> torch.Tensor:
        pixels = images.clone().requires_grad_(True)
        (gradient,) = torch.autograd.grad(network(pixels).logsumexp(1).sum(), pixels)
        return gradient

    opening: list[Callable[[], Any]] = [
        lambda: engine.load_classifier(f"file:{path}", "cpu"),
        lambda: engine.load_classifier("digits-resnet", "cpu"),
        lambda: engine.load_classifier("untrained:digits-vgg@3", "cpu"),
        lambda: engine.wrap(network, classes=10, input_shape=(1, 8, 8), device="cpu"),
        lambda: fold_modules(deepcopy(network), (1, 8, 8)),
    ]
    for opened in opening:
        opened()  # first imports may change a process
    expected, before = compute(), shared()
    with ThreadPoolExecutor(4) as pool:
        running = [pool.submit(opened) for _ in range(3) for opened in opening]
        while not all(task.done() for task in running):
            assert torch.allclose(compute(), expected, atol=1e-6)
            assert torch.is_grad_enabled()
            assert shared() == before
        for task in running:
            task.result()
    assert shared() == before
