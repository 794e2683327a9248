"""The frame: on every page, whatever the page does; no entry where the configuration is half done."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from engine.records import Record, Store
from pages.shared import service
from pages.shared.shell import PAGES, page_file

ROOT = Path(__file__).resolve().parents[2]
Open = Callable[..., AppTest]


def test_home_opens_without_any_result(
    app: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty = Store(tmp_path, shipped=None)
    monkeypatch.setattr(service, "store", lambda: empty)
    test = app()
    assert not test.exception
    assert test.title[0].value == "Between two pictures"
    assert "none yet" in test.info[0].value.replace("\n", " ")


def test_home_draws_its_picture_from_a_result(app: Open, connected: Record) -> None:
    test = app()
    assert not test.exception
    assert len(test.get("bidi_component")) == 1
    assert any("nats of loss" in element.value for element in test.caption)


def test_a_hosted_server_says_what_a_job_may_take(app: Open, monkeypatch: Any) -> None:
    words = "A job on this server may compute for 30 min and take "
    assert not any(element.value.startswith(words) for element in app().sidebar.caption)
    monkeypatch.setenv("ISTHMUS_MODE", "hosted")
    assert app().sidebar.caption[0].value.startswith(words)


def test_a_misspelt_mode_keeps_everybody_out(app: Open, monkeypatch: Any) -> None:
    monkeypatch.setenv("ISTHMUS_MODE", "hostd")
    _expect_nothing_but_the_fault(app())


def test_half_a_sign_in_keeps_everybody_out(app: Open, secrets: Callable[..., None]) -> None:
    secrets('[auth]\nclient_id = "x"')
    _expect_nothing_but_the_fault(app())


def _expect_nothing_but_the_fault(test: AppTest) -> None:
    assert [element.value for element in test.title] == ["Isthmus is not set up"]
    assert len(test.markdown) == 1
    assert not test.button
    assert not test.exception


def test_no_page_lies_where_streamlit_would_run_it_without_the_frame() -> None:
    assert [path.name for path in (ROOT / "pages").glob("*.py")] == ["__init__.py"]


def test_every_page_is_short_and_named_in_the_navigation() -> None:
    pages = sorted((ROOT / "pages").glob("*/page.py"))
    assert pages == sorted(ROOT / page_file(name) for name in PAGES)
    for page in pages:
        assert len(page.read_text().splitlines()) <= 100, page
        for file in page.parent.rglob("*.py"):
            assert len(file.read_text().splitlines()) <= 150, file


def test_the_server_imports_no_torch() -> None:
    code = (
        "import sys, app\n"
        "import pages.shared.tray, pages.shared.service, pages.shared.link\n"
        "import pages.real_real.result, pages.real_adversarial.result\n"
        "import pages.runs.actions, pages.home.gallery\n"
        "import pages.untrained.conjecture, pages.untrained.lattice, pages.untrained.percolation\n"
        "import pages.real_adversarial.population\n"
        "import pages.detector.verdict.view, pages.detector.benchmark.view\n"
        "import pages.manifold.controls, pages.manifold.figure7, pages.manifold.exploring\n"
        "sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
