"""Archive: what lies inside a `.pt2` file, or else what the file is instead. No torch.

`torch.export.load` trusts its file: it unpickles, loads compiled libraries and evaluates texts as Python,
and it changes what other threads of the process see. So it is not used. A program is read as what it is,
JSON and plain numbers; nothing else in the file is looked at.
"""

from __future__ import annotations

import json
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.errors import WeightsError

PROGRAM = "models/model.json"
PAYLOADS = {"data/weights/": "weights", "data/constants/": "constants"}
"""Folders of tensors, and what the lists in them are called."""

HOW = (
    "Build the network in Python, load its weights, call eval(), and write it with "
    'torch.export.save(torch.export.export(network, (images,)), "network.pt2").'
)

BEGINNINGS = (
    (b"\x80", "a pickle", HOW),
    (b"PK\x03\x04", "an archive without its end", "Copy or download it again."),
    (b"version https://git-lfs", "a placeholder of Git LFS", "Fetch the file: git lfs pull."),
    (b"<", "a web page or other markup", "Download the file itself."),
    (b"\x89HDF", "an HDF5 file, as Keras writes it", HOW),
    (b"\x08", "perhaps an ONNX file", HOW),
)
"""First bytes of files that are no archives, what such a file is, and what to do."""

MEMBERS = (
    (
        "serialized_exported_program.json",
        "an exported program of an older PyTorch",
        "Export it anew.",
    ),
    ("data/aotinductor/", "a compiled program", HOW),
    ("models/", "one that is not called 'model'", HOW),
    ("code/", "a TorchScript file", HOW),
    ("data.pkl", "what torch.save writes, weights or a pickled network", HOW),
)
"""Files or folders in other archives, what such an archive is, and what to do."""


@dataclass(frozen=True)
class Archive:
    """A program as its JSON says it, and tensors by name: what the JSON says of them, and their bytes."""

    program: dict[str, Any]
    tensors: dict[str, tuple[dict[str, Any], bytearray]]


def read_archive(path: Path) -> Archive:
    """What an exported program consists of; WeightsError says what another file is, or what is wrong."""
    with open_archive(path) as archive:
        try:
            return _read(archive, path)
        except (
            zipfile.BadZipFile,
            ValueError,
            KeyError,
            TypeError,
            AttributeError,
            EOFError,
        ) as error:
            raise damaged(path, error) from error


def open_archive(path: Path) -> zipfile.ZipFile:
    """The archive of an exported program, to be closed; WeightsError says what another file is."""
    try:
        archive = zipfile.ZipFile(path)
    except zipfile.BadZipFile as error:
        raise _no_archive(path) from error
    except OSError as error:
        raise WeightsError(f"{path} cannot be read: {error.strerror}.") from error
    names = archive.namelist()
    inner = [name.partition("/")[2] for name in names]
    if PROGRAM in inner:
        return archive
    archive.close()
    for beginning, what, remedy in MEMBERS:
        if any(name.startswith(beginning) for name in [*names, *inner]):
            raise _other(path, what, remedy)
    raise _other(path, "an archive of something else", HOW)


def damaged(path: Path, error: Exception) -> WeightsError:
    """The error for a program that is not as PyTorch writes it."""
    return WeightsError(
        f"{path} is damaged, or of a PyTorch that writes differently "
        f"({str(error)[:100]}). Export it again with this version."
    )


def _read(archive: zipfile.ZipFile, path: Path) -> Archive:
    size = path.stat().st_size
    if sum(info.file_size for info in archive.infolist()) > size:
        raise WeightsError(f"{path} is a compressed archive. Export it again, or pack it without.")
    root = archive.namelist()[0].partition("/")[0]
    tensors = {}
    for folder, what in PAYLOADS.items():
        config = json.loads(archive.read(f"{root}/{folder}model_{what}_config.json"))["config"]
        payloads: dict[str, bytearray] = {}
        for name, about in config.items():
            file = about["path_name"]
            if about["use_pickle"] is not False:
                raise WeightsError(
                    f"{path} is refused: {name!r} in it is pickled, and is no plain tensor. Export a "
                    "network of nothing but plain tensors."
                )
            if file not in payloads:
                payloads[file] = bytearray(archive.read(f"{root}/{folder}{file}"))
            tensors[name] = (about["tensor_meta"], payloads[file])
    return Archive(json.loads(archive.read(f"{root}/{PROGRAM}")), tensors)


def _no_archive(path: Path) -> WeightsError:
    with path.open("rb") as file:
        begin = file.read(4096)
    if not begin:
        return WeightsError(f"{path} is empty. Copy or download it again.")
    if begin[8:9] == b"{" and b'"dtype"' in begin:
        return _other(path, "a safetensors file, weights alone", HOW)
    for first, what, remedy in BEGINNINGS:
        if begin.startswith(first):
            return _other(path, what, remedy)
    return _other(path, "no archive at all", HOW)


def _other(path: Path, what: str, remedy: str) -> WeightsError:
    return WeightsError(f"{path}: expected an exported program, got {what}. {remedy}")
