"""The shell builds the same specs as Python, and its errors are one line."""

from __future__ import annotations

import dataclasses
import io
import json
import os
import re
import shlex
import subprocess
import sys

import pytest
import tyro

from engine.__main__ import main
from engine.attacks.adam import AdamSettings
from engine.attacks.gradient_sign import FgsmSettings
from engine.attacks.settings import AttackSettings
from engine.experiments import spec_class
from engine.experiments.base import Findings
from engine.options import options_of
from engine.parameters import Parameters, fields_of, nested
from engine.progress import Cancelled
from engine.records import Store
from engine.records.command import command_of, flags_of
from engine.shipped import APP
from tests.keeping import keep
from tests.kinds import KINDS
from tests.toys import Toy


@dataclasses.dataclass(frozen=True)
class Outer(Parameters):
    """Settings whose defaults are not those of the settings in them."""

    attack: AttackSettings = nested(
        lambda: AttackSettings(adam=AdamSettings(iterations=7)), "Nested twice."
    )


@pytest.fixture(autouse=True)
def _own_store(tmp_path, monkeypatch):
    monkeypatch.setenv("ISTHMUS_STORE", str(tmp_path))


def shell(monkeypatch, *words: str) -> int:
    monkeypatch.setattr(sys, "argv", ["engine", *words])
    try:
        return main()
    except SystemExit as stop:
        return int(stop.code or 0)


@pytest.mark.parametrize("kind", KINDS)
def test_options_without_words_are_the_spec_of_defaults(kind):
    cls = spec_class(kind)
    options = tyro.cli(options_of(cls), args=[])
    assert cls.from_dict(dataclasses.asdict(options)) == cls()


@pytest.mark.parametrize("kind", KINDS)
def test_help_names_every_parameter_with_its_range(kind, monkeypatch, capsys):
    assert shell(monkeypatch, "run", kind, "--help") == 0
    words = " ".join(capsys.readouterr().out.replace("│", " ").split())
    for field in fields_of(spec_class(kind)):
        assert f"--{field.name.replace('_', '-')}" in words
        assert re.sub(r"(\d),(?=\d)", r"\1", field.parameter.span) in words


def test_a_record_s_command_builds_its_spec_again():
    cls = spec_class("real-real")
    spec = cls.from_dict(
        {"first": "3", "label": "half disc", "connect": {"rounds": 2, "clamp": True}}
    )
    assert command_of(spec).startswith("python -m engine run real-real")
    words = [word for flag in flags_of(spec) for word in shlex.split(flag)]
    options = tyro.cli(options_of(cls), args=words)
    assert cls.from_dict(dataclasses.asdict(options)) == spec


AWKWARD = ("file:my cat, it's 3.png", 'file:$HOME "a".png', "3", "upload:0f")


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("verdict", {"images": AWKWARD, "benchmark": {"attacks": ["cw"], "images": 60}}),
        ("verdict", {"images": ["-1", "2"]}),
        ("detection", {"attacks": ["deepfool", "cw"], "detectors": ["lid"], "seed": 3}),
        ("conjecture", {"tolerances": [1e-9, 0.1, 2]}),
        ("real-real", {"first": "file:a b's.png", "second": -3}),
    ],
)
def test_a_command_with_lists_builds_its_spec_again(kind, values):
    cls = spec_class(kind)
    spec = cls.from_dict(values)
    words = shlex.split(command_of(spec))[5:]
    assert cls.from_dict(dataclasses.asdict(tyro.cli(options_of(cls), args=words))) == spec


def test_a_list_is_written_with_spaces():
    cls = spec_class("detection")
    words = ["--detectors", "layer-mfs", "lid", "--attacks", "cw", "deepfool", "--images", "60"]
    spec = cls.from_dict(dataclasses.asdict(tyro.cli(options_of(cls), args=words)))
    assert spec == cls(detectors=("lid", "layer-mfs"), attacks=("deepfool", "cw"), images=60)
    assert flags_of(spec)[1:] == ["--attacks deepfool cw", "--detectors lid layer-mfs"]


def test_settings_within_settings_have_options_of_their_own():
    cls = spec_class("real-adversarial")
    words = ["--attack.method", "fgsm", "--attack.fgsm.eps", "0.05", "--connect.clamp"]
    options = tyro.cli(options_of(cls), args=words)
    spec = cls.from_dict(dataclasses.asdict(options))
    assert spec.attack.method == "fgsm"
    assert spec.attack.chosen.eps == 0.05
    assert spec.connect.clamp is True
    told = [word for flag in flags_of(spec) for word in shlex.split(flag)]
    assert sorted(told) == sorted(words)


def test_defaults_of_a_spec_may_differ_from_those_of_its_settings():
    """What is an option's default is the spec's, at any depth; what is told apart is so, too."""
    assert AdamSettings().iterations != 7
    options = tyro.cli(options_of(Outer), args=[])
    assert options.attack.adam.iterations == 7
    assert options.attack.fgsm.eps == FgsmSettings().eps
    options = tyro.cli(options_of(Outer), args=["--attack.fgsm.eps", "0.5"])
    built = Outer.from_dict(dataclasses.asdict(options))
    assert built == Outer(
        AttackSettings(adam=AdamSettings(iterations=7), fgsm=FgsmSettings(eps=0.5))
    )
    assert flags_of(built) == ["--attack.fgsm.eps 0.5"]
    assert flags_of(Outer(AttackSettings())) == ["--attack.adam.iterations 1024"]


def test_an_attack_without_a_budget_is_refused_by_the_shell(monkeypatch, capsys):
    assert shell(monkeypatch, "run", "real-adversarial", "--attack.fgsm.eps", "0") == 2
    assert "FgsmSettings.eps: expected a number, 1e-06 to 1" in capsys.readouterr().err


def test_run_show_and_list_tell_of_the_same_record(monkeypatch, capsys):
    words = ("run", "real-real", "--first", "1223", "--second", "576", "--connect.rounds", "0")
    assert shell(monkeypatch, *words) == 0
    told = capsys.readouterr().out
    (record,) = Store().records()
    assert record.key in told
    assert "Not connected" in told
    assert shell(monkeypatch, "show", record.key) == 0
    assert capsys.readouterr().out == told
    assert shell(monkeypatch, "list") == 0
    assert record.key in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("run", "real-real", "--connect.threshold", "nan"), "1e-06 to 10 nats, got nan"),
        (("run", "real-real", "--classifier", "nosuch"), "Unknown classifier 'nosuch'"),
        (("show", "nosuch"), "24 of the characters"),
        (("show", "0" * 24), "python -m engine list"),
        (("train", "nosuch"), "Known:"),
        (("bench", "--network", "shapes-vgg"), "one --dataset for each --network"),
        (("bench", "--task", "curves"), "Did you mean 'curve'? Known: curve, curve-refined"),
        (("check", "shapes-vgg"), "Expected file:PATH.pt2"),
        (("check", "file:nosuch.pt2"), "there is no file nosuch.pt2"),
    ],
)
def test_errors_are_one_line_and_exit_code_2(monkeypatch, capsys, words, told):
    assert shell(monkeypatch, *words) == 2
    error = capsys.readouterr().err.strip()
    assert error.startswith("error: ")
    assert told in error
    assert len(error.splitlines()) == 1


def test_the_app_is_served_by_streamlit_with_its_options(monkeypatch):
    started = []
    monkeypatch.setattr(os, "execv", lambda *words: started.append(words))
    options = ["--server.port", "8600", "--", "--own", "x"]
    assert shell(monkeypatch, "app", *options) == 0
    program = [sys.executable, "-P", "-m", "streamlit", "run", str(APP)]
    assert started == [(sys.executable, [*program, *options])]
    assert APP.is_file()


def test_without_streamlit_the_app_says_so_in_one_line(monkeypatch, capsys):
    monkeypatch.setattr("engine.commands.find_spec", lambda name: None)
    assert shell(monkeypatch, "app") == 2
    (error,) = capsys.readouterr().err.splitlines()
    assert error.startswith("error: The app needs Streamlit")


@pytest.mark.parametrize(
    ("called", "told"), [((), "isthmus"), (("python -m engine",), "python -m engine")]
)
def test_help_tells_how_it_was_called(monkeypatch, capsys, called, told):
    monkeypatch.setattr(sys, "argv", ["", "app", "--server.port", "8600", "--help"])
    with pytest.raises(SystemExit):
        main(*called)
    assert capsys.readouterr().out.startswith(f"usage: {told} app ")


def test_who_reads_on_no_longer_gets_no_traceback(monkeypatch):
    """`| head` closes the pipe: writing fails, or not before the flush at the end."""
    for words in (("list",), ("run", "real-real", "--help")):
        reader, writer = os.pipe()
        os.close(reader)
        with open(writer, "w") as closed:
            monkeypatch.setattr(sys, "stdout", closed)
            assert shell(monkeypatch, *words) == 141


def test_a_full_disk_is_told_in_one_line(monkeypatch, capsys):
    with open("/dev/full", "w") as full:
        monkeypatch.setattr(sys, "stdout", full)
        assert shell(monkeypatch, "list") == 2
    assert capsys.readouterr().err == "error: [Errno 28] No space left on device\n"


def test_a_terminal_without_the_characters_shows_others(monkeypatch):
    keep(Store(), Toy(text="Käfer 甲"), Findings())
    for words, expected in (
        (("list",), "K?fer ?"),
        (("run", "real-real", "--help"), "usage"),
    ):
        ascii_only = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
        monkeypatch.setattr(sys, "stdout", ascii_only)
        assert shell(monkeypatch, *words) == 0
        assert expected in ascii_only.buffer.getvalue().decode("ascii")


@pytest.mark.parametrize("end", [KeyboardInterrupt, Cancelled])
def test_ctrl_c_ends_in_one_line(monkeypatch, capsys, end):
    monkeypatch.setattr("engine.commands.run_command", lambda prog: raise_(end()))
    assert shell(monkeypatch, "list") == 130
    assert len(capsys.readouterr().err.splitlines()) == 1


def raise_(error: BaseException) -> None:
    raise error


def test_a_store_that_cannot_be_written_is_told_before_the_work(monkeypatch, capsys):
    monkeypatch.setenv("ISTHMUS_STORE", "/proc/nowhere")
    monkeypatch.setattr(spec_class("survey"), "compute", lambda *_: pytest.fail("it was computed"))
    assert shell(monkeypatch, "run", "survey", "--limit", "33") == 2
    assert "set ISTHMUS_STORE to another folder" in capsys.readouterr().err


def test_help_needs_no_torch(tmp_path):
    code = "import sys; sys.argv = ['engine', 'run', '--help']\n" + (
        "import engine.__main__ as m\ntry: m.main()\nexcept SystemExit: pass\n"
        "assert 'torch' not in sys.modules"
    )
    subprocess.run(
        [sys.executable, "-c", code], check=True, env={**os.environ}, stdout=subprocess.DEVNULL
    )


def test_bench_writes_its_rows(monkeypatch, capsys, tmp_path):
    file = tmp_path / "rows.json"
    less = {"limits.LEAST_S": 0.02, "limits.MOST_IMAGES": 32, "population.MOST": 4}
    for name, value in less.items():
        monkeypatch.setattr(f"engine.speed.{name}", value)
    words = ("bench", "--network", "digits-resnet", "--dataset", "digits", "--pairs", "1")
    words = (*words, "--attacks", "4", "--no-compiler", "--json", str(file))
    for task, turns, least in (("curve", "7", 0.5), ("connect", "1", 10), ("adversarial", "1", 5)):
        ratios = []
        while not ratios or (max(ratios) < least and len(ratios) < 3):  # others slow either way
            assert shell(monkeypatch, *words, "--turns", turns, "--task", task) == 0
            limit, row = json.loads(file.read_text())
            assert min(limit["forward_s"], limit["gradient_s"]) > 0
            assert (row["task"], row["network"]) == (task, "digits-resnet")
            assert row["limit_s"] > 0
            ratios.append(row["plain_s"] / row["ours_s"])
        assert max(ratios) >= least, f"{task} is slower than promised: {ratios}"
    assert "digits-resnet" in capsys.readouterr().out


def test_the_bench_of_the_app_says_what_it_lacks(monkeypatch, capsys):
    monkeypatch.setattr("engine.speed.app.chromium", lambda: None)
    assert shell(monkeypatch, "bench", "--app") == 2
    assert "needs Chromium and Playwright" in capsys.readouterr().err


def test_a_set_of_other_classes_ends_in_a_sentence():
    """In a process of its own, as somebody at a shell meets it."""
    words = "run real-real --classifier digits-resnet --dataset shapes"
    ended = subprocess.run(
        [sys.executable, "-m", "engine", *words.split()],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode != 0
    assert "shapes are of 10 classes (disc, ring, half disc ...)" in ended.stderr
    assert "digits-resnet tells apart 10 classes (0, 1, 2 ...)" in ended.stderr
    assert "Traceback" not in ended.stdout + ended.stderr
