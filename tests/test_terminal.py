"""Progress in the shell: one line in a terminal, a line now and then elsewhere, in a log for example."""

from __future__ import annotations

import io

import pytest

from engine import terminal
from engine.terminal import Terminal


class Stream(io.StringIO):
    """Standard error, in a terminal or not."""

    def __init__(self, over: bool) -> None:
        super().__init__()
        self.isatty = lambda: over  # type: ignore[method-assign]


@pytest.fixture
def clock(monkeypatch):
    """A clock that goes on only when it is told to."""
    now = [0.0]
    monkeypatch.setattr(terminal.time, "monotonic", lambda: now[0])
    return now


def told(monkeypatch, clock, over: bool, seconds: int) -> list[str]:
    """What is shown of even work of so many seconds, with ten reports in each."""
    stream = Stream(over)
    monkeypatch.setattr(terminal.sys, "stderr", stream)
    report = Terminal()
    for tenth in range(10 * seconds + 1):
        clock[0] = tenth / 10
        report(tenth, 10 * seconds, stage="Connecting")
    return stream.getvalue().split("\r" if over else "\n")


def test_a_short_run_says_nothing_to_a_log(monkeypatch, clock):
    assert told(monkeypatch, clock, over=False, seconds=4) == [""]


def test_a_log_gets_a_line_now_and_then(monkeypatch, clock):
    *lines, last = told(monkeypatch, clock, over=False, seconds=60)
    assert last == ""
    assert 11 <= len(lines) <= 12
    assert lines[5] == "Connecting, 50%, about 30 s left"


def test_a_log_of_hours_is_short(monkeypatch, clock):
    lines = told(monkeypatch, clock, over=False, seconds=7200)
    assert len(lines) < 150


def test_a_terminal_has_one_line_that_fits(monkeypatch, clock):
    first, *shown = told(monkeypatch, clock, over=True, seconds=20)
    assert first == ""
    assert 60 < len(shown) <= 101
    assert {len(line.rstrip("\n")) for line in shown} == {terminal.WIDTH}
    assert shown[-1].rstrip() == "Connecting, 100%"
    assert shown[-1].endswith("\n")
