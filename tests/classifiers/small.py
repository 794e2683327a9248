"""A small network of three classes, and the JSON that goes with it."""

from __future__ import annotations

import torch
from torch import nn

CLASSES = ["red", "green", "blue"]
DETAILS = {
    "classes": CLASSES,
    "input_shape": [3, 8, 8],
    "mean": [0.5, 0.4, 0.3],
    "std": [0.2, 0.3, 0.4],
}


class Small(nn.Module):
    """Convolution, BatchNorm with statistics of its own, dropout, mean, linear."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.conv = nn.Conv2d(3, 8, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(8)
        self.norm.running_mean.normal_()  # type: ignore[union-attr]
        self.norm.running_var.uniform_(0.5, 2)  # type: ignore[union-attr]
        self.drop = nn.Dropout(0.5)
        self.head = nn.Linear(8, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(self.drop(torch.relu(self.norm(self.conv(x)))).mean((2, 3)))
