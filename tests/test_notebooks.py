"""The notebooks are plain, and their code runs from top to bottom in a process, figures included."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted((ROOT / "assets" / "notebooks").glob("*.ipynb"))

RUN = """
import ast, json, sys

for path in sys.argv[1:]:
    print("NOTEBOOK", path)
    names = {"__name__": "__main__"}
    for cell in json.load(open(path, encoding="utf-8"))["cells"]:
        if cell["cell_type"] != "code":
            continue
        *rest, last = ast.parse("".join(cell["source"])).body
        shown = isinstance(last, ast.Expr)
        exec(compile(ast.Module(rest if shown else [*rest, last], []), path, "exec"), names)
        if shown:
            value = eval(compile(ast.Expression(last.value), path, "eval"), names)
            if hasattr(value, "to_dict"):
                print("a figure of", len(json.dumps(value.to_dict())), "bytes")
            elif value is not None:
                text = repr(value)
                assert len(text) < 1000, f"a result that fills the page: {text[:80]}"
                print(text)
"""
"""What a notebook does: the last expression of a cell is shown, figures as their specification."""

each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def test_there_are_notebooks() -> None:
    assert {path.stem for path in NOTEBOOKS} >= {"own-network", "barriers"}


@each_notebook
def test_it_is_small_and_holds_no_output(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    document = json.loads(text)
    assert len(text) < 20_000
    assert (document["nbformat"], document["cells"][0]["cell_type"]) == (4, "markdown")
    for cell in document["cells"]:
        if cell["cell_type"] == "code":
            assert not cell["outputs"]
            assert cell["execution_count"] is None
    assert not re.search(r"/(home|root|tmp|work|Users)/", text)


def test_they_run_from_top_to_bottom(tmp_path: Path) -> None:
    """One after another in one process, each with names of its own."""
    ended = subprocess.run(
        [sys.executable, "-c", RUN, *map(str, NOTEBOOKS)],
        cwd=ROOT,
        env={**os.environ, "ISTHMUS_STORE": str(tmp_path), "ISTHMUS_DEVICE": "cpu"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr[-3000:]
    told = ended.stdout.split("NOTEBOOK ")[1:]
    assert len(told) == len(NOTEBOOKS)
    for words in told:
        assert "a figure of" in words
        assert "Connected" in words
    assert "100%" in ended.stderr, "no progress was shown"
