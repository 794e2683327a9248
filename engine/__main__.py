"""Isthmus from the shell: how a command ends, whatever ends it. The commands are in `engine.commands`."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from io import TextIOWrapper
from typing import TextIO

from engine.errors import IsthmusError
from engine.progress import Cancelled

WRONG, CANCELLED, UNREAD = 2, 130, 141
"""Exit codes: a mistake of the user's, Ctrl-C, and an output that nobody reads on (`| head`)."""


def main(prog: str = "isthmus") -> int:
    """Run the command line and return its exit code; what goes wrong becomes one line."""
    for stream in _streams():
        if isinstance(stream, TextIOWrapper):
            # A terminal that lacks a character shows another one: that is no reason to stop.
            stream.reconfigure(errors="replace")
    try:
        return _run(prog)
    except IsthmusError as error:
        return _ended(f"error: {error}", WRONG)
    except (Cancelled, KeyboardInterrupt):
        return _ended("cancelled; of a sweep, the parts that were done are kept", CANCELLED)
    except BrokenPipeError:
        _stop_writing()
        return UNREAD
    except OSError as error:  # a full disk, or a file that may not be written
        _stop_writing(sys.stdout)
        return _ended(f"error: {error}", WRONG)


def _run(prog: str) -> int:
    try:
        # Imported here, so that Ctrl-C is as quiet before the first command is known.
        from engine.commands import run_command

        return run_command(prog)
    finally:
        for stream in _streams():
            stream.flush()


def _ended(words: str, code: int) -> int:
    print(words, file=sys.stderr)
    return code


def _streams() -> list[TextIO]:
    """Standard output and error, where there are any."""
    return [stream for stream in (sys.stdout, sys.stderr) if stream is not None]


def _stop_writing(*streams: TextIO) -> None:
    """Let what is still to be written go nowhere, so that Python does not fail at it once more."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in streams or _streams():
        with suppress(OSError):  # a stream without a file
            os.dup2(nowhere, stream.fileno())


if __name__ == "__main__":
    sys.exit(main("python -m engine"))
