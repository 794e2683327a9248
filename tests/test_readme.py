"""The READMEs' Python runs, their shell lines are accepted, their links lead somewhere."""

from __future__ import annotations

import dataclasses
import re
import shlex
from pathlib import Path

import pytest
import tyro

from engine.experiments import spec_class
from engine.options import options_of

ROOT = Path(__file__).parents[1]
ROOMS = sorted(path.parent.relative_to(ROOT) for path in (ROOT / "engine").rglob("README.md"))
FOLDERS = ("", *map(str, ROOMS), "pages", "assets", "tests")
TEXTS = {place: (ROOT / place / "README.md").read_text(encoding="utf-8") for place in FOLDERS}
README = TEXTS[""]


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, flags=re.DOTALL)


def test_the_python_blocks_run_and_connect(tmp_path, monkeypatch):
    monkeypatch.setenv("ISTHMUS_STORE", str(tmp_path))
    names: dict[str, object] = {}
    for code in blocks("python"):
        exec(compile(code, "README.md", "exec"), names)
    assert names["result"].connected
    assert names["record"].summary["connected"]
    assert names["survey"].spec.classifier == names["mine"].name


LINES = "\n".join(TEXTS.values()).replace("\\\n", " ")
"""All of them, with long shell lines in one piece."""


@pytest.mark.parametrize("line", re.findall(r"^python -m engine run \S+ .*$", LINES, flags=re.M))
def test_its_shell_lines_build_specs(line):
    kind, *words = shlex.split(line, comments=True)[4:]
    if words == ["--help"]:
        return
    cls = spec_class(kind)
    assert cls.from_dict(dataclasses.asdict(tyro.cli(options_of(cls), args=words)))


@pytest.mark.parametrize("place", FOLDERS)
def test_every_local_link_leads_somewhere(place):
    for target in re.findall(r"\]\(((?!http)[^)]+)\)", TEXTS[place]):
        assert (ROOT / place / target).is_file(), target


def test_the_first_page_is_short():
    assert len(README.splitlines()) < 200
