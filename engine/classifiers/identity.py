"""Identity: what tells one network from another, whatever it is called and wherever it lies."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from itertools import chain
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any

import torch
from torch import fx, nn

if TYPE_CHECKING:
    from engine.classifiers.description import Card


def design_of(network: nn.Module, card: Card) -> str:
    """What a network is apart from its numbers, and what goes into and comes out of it, as text.

    Its modules' classes, settings, and the code that PyTorch does not bring, known by its bytecode (which
    differs between versions of Python); the card's classes, input shape, mean, std and resize.
    """
    taken = (card.classes, card.input_shape, card.mean, card.std, card.resize)
    return "\n".join([repr(taken), *_modules(network)])


def content_digest(network: nn.Module, design: str) -> str:
    """Hexadecimal SHA-256 of a design and of all parameters and buffers: names, types, shapes, bytes.

    A copy has the same digest, on any device.
    """
    digest = hashlib.sha256(f"{design}\n".encode())
    for name, tensor in _tensors(network):
        values = tensor.detach().cpu().resolve_conj().contiguous()
        digest.update(f"{name} {values.dtype} {tuple(values.shape)}\n".encode())
        digest.update(values.reshape(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()


def _tensors(network: nn.Module) -> Iterator[tuple[str, torch.Tensor]]:
    """Every parameter and buffer by name, those that no state dictionary holds among them."""
    return chain(
        network.named_parameters(remove_duplicate=False),
        network.named_buffers(remove_duplicate=False),
    )


def _modules(network: nn.Module) -> Iterator[str]:
    """Each module's name, class, settings and code, as text."""
    for name, module in network.named_modules(remove_duplicate=False):
        kind = type(module)
        settings = {
            key: _plain(value)
            for key, value in vars(module).items()
            if not key.startswith("_") and key != "training" and _plain(value) is not None
        }
        code = [module.code] if isinstance(module, fx.GraphModule) else _codes(kind)
        yield f"{name} {kind.__qualname__} {settings} {code}"


def _plain(value: Any) -> str | None:
    """A setting as text, None for what is no setting (a cache, another object)."""
    if isinstance(value, FunctionType):
        return _code(value.__code__)
    if isinstance(value, tuple | list):
        parts = [_plain(part) for part in value]
        return None if None in parts else f"({', '.join(map(str, parts))})"
    return repr(value) if value is None or isinstance(value, bool | int | float | str) else None


def _codes(kind: type) -> list[str]:
    """The code of a class's functions, and of those that it inherits from classes outside PyTorch."""
    own = [cls for cls in kind.__mro__ if cls.__module__.split(".")[0] not in {"torch", "builtins"}]
    return [
        f"{name} {_code(value.__code__)}"
        for cls in own
        for name, value in vars(cls).items()
        if isinstance(value, FunctionType)
    ]


def _code(code: CodeType) -> str:
    """What a function does, without where it stands."""
    constants = [_constant(value) for value in code.co_consts]
    return f"{code.co_code.hex()} {code.co_names} {constants}"


def _constant(value: Any) -> str:
    if isinstance(value, CodeType):
        return _code(value)
    # The order of a set of texts differs from process to process.
    return repr(sorted(map(repr, value)) if isinstance(value, frozenset) else value)
