"""Archive: looks through an exported program before PyTorch may load it.

`torch.export.load` trusts its file: it unpickles marked weights and constants, falls back to a full
unpickling of the sample inputs, loads compiled libraries, evaluates size expressions as Python, and
resolves any attribute of `torch` as an operator. A file from somebody else must not reach any of
that, so everything in it is held against a list of what a plain network needs; the rest is refused.
"""

from __future__ import annotations

import ast
import io
import json
import pickle
import re
from collections.abc import Iterator
from typing import Any

import torch
from torch.export.pt2_archive import PT2ArchiveReader

from engine.errors import WeightsError

FILES = re.compile(
    r"archive_format|archive_version|byteorder|\.data/(version|serialization_id)"
    r"|models/model\.json|data/sample_inputs/model\.pt"
    r"|data/weights/(weight_\d+|model_weights_config\.json)"
    r"|data/constants/(tensor_\d+|model_constants_config\.json)"
)
"""The only files that may lie in the archive."""

PAYLOADS = {
    "data/weights/model_weights_config.json": re.compile(r"weight_\d+"),
    "data/constants/model_constants_config.json": re.compile(r"tensor_\d+"),
}
"""The lists of tensors, and how the tensors' files are called."""

OPERATORS = re.compile(
    r"_operator\.(add|sub|mul|truediv|floordiv|mod|neg|pow|getitem|eq|ne|lt|le|gt|ge|and_|or_)"
    r"|math\.(ceil|floor|trunc)|torch\.sym_(max|min|float|int|not|ite|sqrt|sum)"
    r"|torch\.ops\.higher_order\.wrap_with_(set_grad_enabled|autocast)"
)
"""Beside PyTorch's own operators on tensors: arithmetic of sizes, and two switches."""

ATEN = re.compile(r"torch\.ops\.aten\.(?!from_file\b)(\w+)\.(\w+)", re.ASCII)
"""An operator on tensors; `from_file` would write to any file."""

NAME = re.compile(r"([A-Za-z_]\w*)?", re.ASCII)
DOTTED = re.compile(r"(\w[\w.@]*)?", re.ASCII)
CONTAINERS = {None, "builtins.tuple", "builtins.list", "builtins.dict"}

SYMBOLIC = {"Symbol", "Integer", "Float", "Rational", "Add", "Mul", "Pow", "Max", "Min", "Mod"} | {
    *("FloorDiv", "CleanDiv", "CeilDiv", "PythonMod", "ModularIndexing", "IntTrueDiv"),
    *("Eq", "Ne", "Lt", "Le", "Gt", "Ge", "And", "Or", "Not", "Where", "Identity", "TruncToInt"),
    *("FloatTrueDiv", "PowByNatural", "ToFloat", "CeilToInt", "FloorToInt", "RoundToInt"),
    *("Equality", "Unequality", "StrictLessThan", "LessThan", "StrictGreaterThan", "GreaterThan"),
}
"""Functions that may occur in an expression of sizes."""

_GRAMMAR = (
    *(ast.Expression, ast.BinOp, ast.UnaryOp, ast.Compare, ast.operator, ast.unaryop, ast.cmpop),
    *(ast.Call, ast.keyword, ast.Name, ast.Load, ast.Constant),
)


def check_archive(data: bytes, name: str) -> None:
    """WeightsError unless `data` is an exported program that is safe to hand to `torch.export.load`.

    What then remains in it: tensors as plain bytes, a graph of the operators above, and sample
    inputs that `torch.load(weights_only=True)` accepts. No pickle is executed, before or after.
    """
    reader = _opened(data, name)
    files = reader.get_file_names()
    odd = sorted(file for file in files if not FILES.fullmatch(file))
    _demand(not odd, name, f"it holds {', '.join(odd[:3])}, which a plain network does not need")
    _demand("models/model.json" in files, name, "it holds no program called 'model'")
    for listing, pattern in PAYLOADS.items():
        _check_payloads(_json(reader, listing, name), pattern, name)
    _check_samples(_content(reader, "data/sample_inputs/model.pt", name), name)
    for key, value in _leaves(_json(reader, "models/model.json", name)):
        _check_leaf(key, value, name)


def _opened(data: bytes, name: str) -> PT2ArchiveReader:
    try:
        return PT2ArchiveReader(io.BytesIO(data))
    except (RuntimeError, ValueError, AssertionError) as error:
        kind = "a pickle" if data[:1] == b"\x80" else "no such archive"
        raise WeightsError(
            f"{name} is not an exported program ({kind}). Expected what torch.export.save writes."
        ) from error


def _json(reader: PT2ArchiveReader, file: str, name: str) -> Any:
    try:
        return json.loads(_content(reader, file, name))
    except (ValueError, RecursionError) as error:
        raise WeightsError(f"{name} is damaged: {file} in it is no JSON.") from error


def _content(reader: PT2ArchiveReader, file: str, name: str) -> bytes:
    try:
        return reader.read_bytes(file)
    except (RuntimeError, ValueError) as error:
        raise WeightsError(f"{name} is damaged: {file} cannot be read in it.") from error


def _check_payloads(listing: Any, pattern: re.Pattern[str], name: str) -> None:
    entries = listing.get("config") if isinstance(listing, dict) else None
    if not isinstance(entries, dict):
        raise _refusal(name, "its list of tensors is malformed")
    for tensor, about in entries.items():
        plain = isinstance(about, dict) and about.get("use_pickle") is False
        _demand(plain and DOTTED.fullmatch(tensor), name, f"its tensor {tensor!r} is pickled")
        path = str(about.get("path_name"))
        _demand(pattern.fullmatch(path), name, f"its tensor {tensor!r} lies in {path!r}")


def _check_samples(data: bytes, name: str) -> None:
    try:
        torch.load(io.BytesIO(data), weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, ValueError, EOFError, KeyError) as error:
        raise _refusal(name, "its sample inputs are more than tensors") from error


def _leaves(value: Any, key: str = "") -> Iterator[tuple[str, Any]]:
    """Every value of nested JSON with the name it stands under; also every name, as ("", name)."""
    if isinstance(value, dict):
        for inner, content in value.items():
            yield "", inner
            yield from _leaves(content, inner)
    elif isinstance(value, list):
        for content in value:
            yield from _leaves(content, key)
    else:
        yield key, value


def _check_leaf(key: str, value: Any, name: str) -> None:
    if not isinstance(value, str):
        return
    _demand(value not in ("as_custom_obj", "custom_obj"), name, "it holds more than tensors")
    if key in ("target", "as_operator"):
        _demand(_is_operator(value), name, f"it uses the operator {value!r}")
    elif key == "expr_str":
        _demand(_is_arithmetic(value), name, f"{value!r} is no expression of sizes")
    elif key in ("in_spec", "out_spec"):
        _demand(_is_plain_structure(value), name, "its inputs or outputs are not tensors")
    elif key in ("name", "as_name", "forward_arg_names", "user_input_name"):
        _demand(NAME.fullmatch(value), name, f"{value!r} is no name")
    elif key in {"", "fqn"} or key.endswith("_name"):
        _demand(DOTTED.fullmatch(value), name, f"{value!r} is no name")


def _is_operator(target: str) -> bool:
    """Whether a graph's node computes with tensors or sizes and does nothing else."""
    match = ATEN.fullmatch(target)
    if match is None:
        return OPERATORS.fullmatch(target) is not None
    packet = getattr(torch.ops.aten, match[1], None)
    return isinstance(getattr(packet, match[2], None), torch._ops.OpOverload)


def _is_arithmetic(expression: str) -> bool:
    """Whether a text is arithmetic on whole numbers and symbols, of limited size."""
    try:
        nodes = [*ast.walk(ast.parse(expression, mode="eval"))]
    except (SyntaxError, ValueError, RecursionError):
        return False
    texts = [n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str)]
    called = [node.func for node in nodes if isinstance(node, ast.Call)]
    powers = [node for node in nodes if isinstance(node, ast.Pow)]
    return (
        len(expression) <= 1000
        and all(isinstance(node, _GRAMMAR) for node in nodes)
        and all(isinstance(func, ast.Name) and func.id in SYMBOLIC for func in called)
        and all(NAME.fullmatch(text) for text in texts)
        and len(powers) <= 1
    )


def _is_plain_structure(spec: str) -> bool:
    """Whether a pytree's text form consists of tuples, lists and dictionaries with text keys."""

    def plain(node: Any) -> bool:
        context = json.loads(node["context"] or "null")
        keys = context is None or all(isinstance(key, str) for key in context)
        return node["type"] in CONTAINERS and keys and all(map(plain, node["children_spec"]))

    try:
        _, root = json.loads(spec)
        return plain(root)
    except (ValueError, KeyError, TypeError, RecursionError):
        return False


def _demand(condition: object, name: str, reason: str) -> None:
    if not condition:
        raise _refusal(name, reason)


def _refusal(name: str, reason: str) -> WeightsError:
    return WeightsError(
        f"{name} is refused: {reason}. Only a network of PyTorch's own operators, exported by "
        "torch.export.export and torch.export.save, is opened."
    )
