"""A pickle can run anything when it is read: only what Dask's own processes tell each other is one."""

from __future__ import annotations

import ast
import io
import os
import pickle
import sys
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import engine
from engine.classifiers.archive import PROGRAM, read_archive
from engine.classifiers.pretrained import _unpickled
from engine.decoding import decode
from engine.errors import IsthmusError, RecordError, WeightsError
from engine.images import encode_png
from engine.records import Store, folder, run
from tests.records.packed import repacked_with_manifest
from tests.toys import Toy

ROOT = Path(__file__).parents[1]
PRODUCT = [
    ROOT / "app.py",
    *sorted((ROOT / "engine").rglob("*.py")),
    *sorted((ROOT / "pages").rglob("*.py")),
]

READERS = {
    "pickle",
    "_pickle",
    "cloudpickle",
    "dill",
    "joblib",
    "shelve",
    "marshal",
    "sklearn.externals",
}
"""Modules that read pickles, or what is as bad."""

MESSAGES = {"engine/jobs/queue.py": 1, "engine/jobs/parts.py": 1}
"""Where a call is handed to Dask as `pickle.loads` and its bytes, how often."""

HARMLESS = {"dumps", "Pickler", "HIGHEST_PROTOCOL", "UnpicklingError"}

SAFE = {"torch.load": ("weights_only", True), "np.load": ("allow_pickle", False)}
"""Calls that read pickles unless they are told not to."""

FORBIDDEN = {
    "eval", "exec", "compile", "torch.jit.load", "torch.export.load", "torch.hub.load", "pd.read_pickle",
    "st.cache_data",  # keeps what it remembers as pickles
}  # fmt: skip


def called(node: ast.AST) -> str:
    """The dotted name of something called or named: "torch.load"."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{called(node.value)}.{node.attr}".lstrip(".")
    return ""


def wrong_in(path: Path) -> Iterator[str]:
    """What a file does that could read a pickle."""
    readers = []
    for node in ast.walk(ast.parse(path.read_text())):
        name = called(node)
        if isinstance(node, ast.Import) and (READERS - {"pickle"}) & {a.name for a in node.names}:
            yield f"line {node.lineno}: imports {[one.name for one in node.names]}"
        if isinstance(node, ast.ImportFrom) and node.module in READERS:
            yield f"line {node.lineno}: imports from {node.module}"
        if name in FORBIDDEN:
            yield f"uses {name}"
        if name.startswith("pickle.") and name.removeprefix("pickle.") not in HARMLESS:
            readers.append(name)
        if isinstance(node, ast.Call) and (safe := SAFE.get(called(node.func))):
            given = [(word.arg, getattr(word.value, "value", None)) for word in node.keywords]
            if safe not in given:
                yield f"line {node.lineno}: {called(node.func)} without {safe}"
    if len(readers) != MESSAGES.get(str(path.relative_to(ROOT)), 0):
        yield f"uses {readers}"


def test_no_file_reads_pickles_but_where_jobs_are_handed_to_dask() -> None:
    wrong = {str(path.relative_to(ROOT)): list(wrong_in(path)) for path in PRODUCT}
    assert len(wrong) > 250
    assert not {name: found for name, found in wrong.items() if found}


@pytest.mark.parametrize(
    "code",
    [
        "import joblib",
        "from pickle import loads",
        "import pickle; pickle.load(file)",
        "import pickle; pickle.Unpickler(file)",
        "torch.load(path)",
        "torch.load(path, weights_only=False)",
        "np.load(path)",
        "eval(text)",
        "@st.cache_data(ttl=3)\ndef f(): ...",
    ],
)
def test_the_look_finds_what_it_looks_for(code: str, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(sys.modules[__name__], "ROOT", tmp_path)
    (tmp_path / "new.py").write_text(code)
    assert list(wrong_in(tmp_path / "new.py"))


class Heard:
    """What this thread's pickles name while it listens: an audit hook cannot be taken out again."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.thread = 0
        sys.addaudithook(self._hear)

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event == "pickle.find_class" and threading.get_ident() == self.thread:
            self.names.append(".".join(map(str, arguments)))

    @contextmanager
    def listening(self) -> Iterator[list[str]]:
        self.names, self.thread = [], threading.get_ident()
        try:
            yield self.names
        finally:
            self.thread = 0


@pytest.fixture(scope="module")
def heard() -> Heard:
    return Heard()


class Bomb:
    """Makes a folder where it is read from a pickle."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return os.mkdir, (str(self.path),)


def test_the_hook_hears_what_a_pickle_names(heard: Heard, tmp_path: Path) -> None:
    with heard.listening() as names:
        pickle.loads(pickle.dumps(Bomb(tmp_path / "made")))
    assert names == ["posix.mkdir"]
    assert (tmp_path / "made").is_dir()


def test_what_isthmus_reads_names_nothing(heard: Heard, tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    made = run(Toy(size=5), store=store)
    with heard.listening() as names:
        for record in [*store.records(shipped=True), store.bring_in(store.pack(made.key))]:
            assert record.findings.summary is not None
        decode(encode_png(np.zeros((4, 4, 3), np.uint8)))
        pixels, _ = engine.load_dataset("digits")[:2]
        engine.load_classifier("digits-resnet", "cpu")(pixels)
    assert names == []


def test_a_pickle_in_any_file_is_refused_unread(heard: Heard, tmp_path: Path) -> None:
    bomb, made = Bomb(tmp_path / "made"), tmp_path / "made"
    store = Store(tmp_path / "store", shipped=None)
    sink = io.BytesIO()
    np.savez(sink, draws=np.array([bomb], dtype=object))
    packed = store.pack(run(Toy(), store=store).key)
    brought = store.bring_in(repacked_with_manifest(packed, folder.ARRAYS, sink.getvalue()))
    weights, network = tmp_path / "weights.pth", tmp_path / "network.pt2"
    import torch

    torch.save({"weight": bomb}, weights)
    with zipfile.ZipFile(network, "w") as archive:
        archive.writestr(f"n/{PROGRAM}", "{}")
        for what in ("weights", "constants"):
            entry = '{"config": {"w": {"path_name": "w", "use_pickle": true}}}'
            archive.writestr(f"n/data/{what}/model_{what}_config.json", entry)
            archive.writestr(f"n/data/{what}/w", pickle.dumps(bomb))
    with heard.listening() as names:
        with pytest.raises(RecordError, match="corrupt"):
            brought.arrays["draws"]
        with pytest.raises(WeightsError, match="cannot be read"):
            _unpickled(weights)
        with pytest.raises(IsthmusError, match="is pickled"):
            read_archive(network)
    assert names == []
    assert not made.exists()
