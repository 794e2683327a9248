"""Exported programs: somebody's own network as a `.pt2` file, with a JSON file beside it.

The file is read once, looked through (see `archive`), and only then loaded; no pickle is executed
and nothing but PyTorch's own operators runs. Size expressions that the program would check at run
time are not evaluated; what matters of them is tried here instead.
"""

from __future__ import annotations

import io
from pathlib import Path
from threading import Lock

import torch
from torch import nn
from torch.export import ExportedProgram
from torch.export.passes import move_to_device_pass

from engine.classifiers.archive import check_archive
from engine.classifiers.cards import Card
from engine.classifiers.folding import fold_program
from engine.errors import WeightsError

SUFFIX = ".pt2"

_LOADING = Lock()
"""PyTorch deserialises one program at a time."""


class Exported(nn.Module):
    """An exported network that takes any number of images, whatever batches it was exported for."""

    def __init__(self, network: nn.Module, low: int, high: int | None) -> None:
        super().__init__()
        self.network = network
        self.low, self.high = low, high

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Logits (N, K) of normalised images (N, C, H, W), in batches that the program accepts."""
        if self.low <= len(images) and (self.high is None or len(images) <= self.high):
            return self.network(images)
        batches = images.split(self.high) if self.high else (images,)
        return torch.cat([self._padded(batch) for batch in batches])

    def _padded(self, batch: torch.Tensor) -> torch.Tensor:
        missing = max(self.low - len(batch), 0)
        if not missing:
            return self.network(batch)
        rest = batch[-1:].expand(missing, -1, -1, -1)
        return self.network(torch.cat([batch, rest]))[: len(batch)]

    def train(self, mode: bool = True) -> Exported:
        """An exported program stays in the mode that it was exported in."""
        self.training = False
        return self


def load_exported(path: Path, card: Card, device: torch.device) -> nn.Module:
    """The network of a `.pt2` file; WeightsError if it is unsafe, damaged, or not what `card` says."""
    if path.suffix != SUFFIX:
        raise WeightsError(
            f"{path}: expected a file that ends in {SUFFIX}, as torch.export.save writes it."
        )
    program = _loaded(path, device)
    _check_program(program, path)
    low, high = _batches(program, card, path)
    module = program.module(check_guards=False)
    fold_program(module)
    return Exported(module, low, high)


def _loaded(path: Path, device: torch.device) -> ExportedProgram:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise WeightsError(f"{path} cannot be read: {error.strerror}.") from error
    check_archive(data, path.name)
    try:
        with _LOADING:
            program = torch.export.load(io.BytesIO(data))
        return move_to_device_pass(program, device)
    # The loader meets damaged files with errors of every kind; none of them is a defect of ours.
    except Exception as error:
        raise WeightsError(
            f"{path} cannot be loaded by PyTorch {torch.__version__} "
            f"({type(error).__name__}: {str(error)[:200]}). Export it again, on the CPU, with this "
            "version."
        ) from error


def _check_program(program: ExportedProgram, path: Path) -> None:
    """WeightsError for a program in training mode, or with weights that are no numbers."""
    if program.graph_signature.buffers_to_mutate or any(map(_draws, program.graph.nodes)):
        raise WeightsError(
            f"{path} was exported in training mode. Call model.eval() before torch.export.export."
        )
    for name, tensor in program.state_dict.items():
        if tensor.is_floating_point() and not tensor.isfinite().all():
            raise WeightsError(f"{path} is damaged: {name} holds values that are not finite.")


def _draws(node: torch.fx.Node) -> bool:
    """Whether a node of the graph is a dropout that is switched on."""
    return "dropout" in str(node.target) and len(node.args) > 2 and node.args[2] is True


def _batches(program: ExportedProgram, card: Card, path: Path) -> tuple[int, int | None]:
    """The smallest and the largest batch that the program takes (None: any)."""
    names = program.graph_signature.user_inputs
    inputs = [node.meta.get("val") for node in program.graph.nodes if node.name in names]
    image = inputs[0] if len(inputs) == 1 else None
    if not isinstance(image, torch.Tensor) or image.ndim != 4 or image.dtype != torch.float32:
        raise WeightsError(
            f"{path}: expected a program with one input, float32 images (N, C, H, W); "
            f"it has {len(inputs)}: {', '.join(map(_words, inputs))}."
        )
    for side, wanted in zip(image.shape[1:], card.input_shape, strict=True):
        if isinstance(side, int) and side != wanted:
            raise WeightsError(
                f"{path} takes images {_words(image)}, but its JSON says input_shape "
                f"{list(card.input_shape)}."
            )
    count = image.shape[0]
    if isinstance(count, int):
        return count, count
    span = program.range_constraints.get(count.node.expr)
    if span is None:
        return 1, None
    # An open end of the range is a symbol for infinity, which is no sympy integer.
    low = int(span.lower) if span.lower.is_Integer else 1
    return max(low, 1), int(span.upper) if span.upper.is_Integer else None


def _words(value: object) -> str:
    if isinstance(value, torch.Tensor):
        return f"{str(value.dtype).removeprefix('torch.')} {tuple(map(str, value.shape))}"
    return type(value).__name__
