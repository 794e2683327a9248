"""A network file looked through step by step."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import torch

import engine
from engine.classifiers import check_network, checking
from engine.classifiers.finding import STEPS
from engine.errors import ParameterError
from tests.classifiers.conftest import Export
from tests.classifiers.small import DETAILS, Small


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking, "MEASURED_S", 0.01)


def test_every_step_is_told_in_order(export: Export) -> None:
    name = f"file:{export(details={**DETAILS, 'resize': 9})}"
    found = list(check_network(name, "cpu"))
    assert [finding.step for finding in found] == list(STEPS)
    assert not any(finding.failed or finding.doubts for finding in found)
    told = {finding.step: finding.words for finding in found}
    assert "3 x 8 x 8, the shorter side made 9 pixels" in told["input"]
    assert "red, green, blue" in told["classes"]
    assert "ms for a picture" in told["speed"]


def test_what_is_doubtful_is_said_and_goes_with_the_classifier(export: Export) -> None:
    class Softmax(Small):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return super().forward(x).softmax(1)

    details = {**DETAILS, "mean": [1.24, 1.16, 1.04], "classes": ["crane", "crane", "ship"]}
    name = f"file:{export(Softmax().eval(), details=details)}"
    found = list(check_network(name, "cpu"))
    doubts = {finding.step: finding.doubts for finding in found if finding.doubts}
    assert doubts.keys() >= {"input", "classes", "picture"}
    assert "0 to 255" in doubts["input"][0]
    assert "crane" in doubts["classes"][0]
    assert "probabilities" in doubts["picture"][0]
    together = tuple(doubt for finding in found for doubt in finding.doubts)
    with pytest.warns(UserWarning, match=r"model\.pt2: ") as said:
        assert engine.load_classifier(name, "cpu").doubts == together
    assert [str(one.message).removeprefix(f"{name}: ") for one in said] == [*together]


def test_numbers_between_0_and_1_are_no_logits(export: Export) -> None:
    class Sigmoid(Small):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return super().forward(x).repeat(1, 3).sigmoid()

    class Percent(Small):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return super().forward(x).repeat(1, 3).softmax(1) * 100

    details = {**DETAILS, "classes": list("abcdefghi")}
    for network, words in ((Sigmoid, "as a sigmoid"), (Percent, "each row sums to 100")):
        name = f"file:{export(network().eval(), details=details)}"
        (doubt,) = (doubt for finding in check_network(name, "cpu") for doubt in finding.doubts)
        assert words in doubt


def test_the_step_that_failed_is_the_last(export: Export) -> None:
    name = f"file:{export(details=DETAILS | {'classes': ['a', 'b']})}"
    *others, last = check_network(name, "cpu")
    assert [finding.step for finding in others] == ["file", "input", "classes"]
    assert (last.step, last.failed) == ("picture", True)
    assert "got shape (1, 3)" in last.words


def test_a_missing_file_is_told_without_torch(tmp_path: Path) -> None:
    program = (
        "import sys; from engine.classifiers import check_network; "
        f"(finding,) = check_network('file:{tmp_path}/none.pt2'); "
        "sys.exit('torch' in sys.modules or not finding.failed or finding.step != 'file')"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_only_files_are_checked() -> None:
    with pytest.raises(ParameterError, match=r"Expected file:PATH\.pt2.*got shapes-vgg"):
        list(check_network("shapes-vgg"))
