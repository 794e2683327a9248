"""Pictures read in another process: the same pictures, and files that would harm cost only their sender."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import numpy as np
import psutil
import pytest

from engine import decoding
from engine.decoding import decode
from engine.errors import ImageError
from engine.images import encode_png, fit, with_channels
from engine.picture_notes import notes_on
from engine.reader import Reader
from engine.uploaded import digest_of, pixels_in
from tests.pictures import png, progressive, tiled

NOISE = np.random.default_rng(0).integers(0, 256, (30, 20, 3), dtype=np.uint8)


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    reader = Reader()
    yield reader
    reader.close()


def process_of(reader: Reader) -> int:
    """The process that comes next."""
    free = [process for process in reader._free.queue if process]
    return free[-1]._process.pid


def test_a_picture_is_the_same_as_if_it_were_read_here(reader: Reader) -> None:
    grey = encode_png(NOISE[..., :1])
    for data in (encode_png(NOISE), grey):
        reading = reader.read(data, "my/cat.png")
        picture = decode(data)
        assert reading.digest == digest_of(picture)
        assert reading.notes == notes_on(data)
        np.testing.assert_array_equal(pixels_in(reading.png, reading.digest), picture)
        assert b"cat.png" in reading.png
    small = reader.small(reading.png, reading.digest, (8, 9), None, 1)
    np.testing.assert_array_equal(small, with_channels(fit(picture, 8, 9), 1))


def test_what_is_refused_here_is_refused_there_in_the_same_words(reader: Reader) -> None:
    for data in (
        b"",
        b"Dear Sir",
        encode_png(NOISE)[:60],
        progressive(64, 101),
        tiled(100, 40_000),
    ):
        with pytest.raises(ImageError) as here:
            decode(data, "a.png")
        with pytest.raises(ImageError) as there:
            reader.read(data, "a.png")
        assert str(here.value) == str(there.value)
    other = digest_of(NOISE + 1)
    with pytest.raises(ImageError, match="not those that were uploaded"):
        reader.check(encode_png(NOISE), other)
    reader.check(encode_png(NOISE), digest_of(NOISE))


def test_one_process_serves_many_threads(reader: Reader) -> None:
    pictures = [np.full((30, 20, 3), number, dtype=np.uint8) for number in range(64)]
    with ThreadPoolExecutor(8) as pool:
        read = pool.map(lambda each: reader.read(encode_png(each), "x").digest, pictures)
    assert list(read) == [digest_of(each) for each in pictures]
    assert len(reader._free.queue) == 2


def test_a_picture_that_takes_too_long_is_given_up() -> None:
    """The check of scans lets 25 of them pass at this size: two seconds, more than is allowed here."""
    reader = Reader(seconds=0)
    began = time.monotonic()
    with pytest.raises(ImageError, match=r"slow\.jpg takes more than 0 seconds.*ordinary PNG"):
        reader.read(progressive(6320, 25), "slow.jpg")
    assert time.monotonic() - began < 60
    assert reader.read(encode_png(NOISE), "next.png").digest == digest_of(NOISE)
    reader.close()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux bounds the memory of a process")
def test_a_picture_that_takes_too_much_memory_is_given_up() -> None:
    reader = Reader(memory=50 * 2**20)
    large = png(6000, 6000, depth=8, colour=0, rows=bytes(6001 * 6000))
    with pytest.raises(ImageError, match=r"large\.png needs more memory.*or smaller"):
        reader.read(large, "large.png")
    assert reader.read(encode_png(NOISE), "next.png").digest == digest_of(NOISE)
    reader.close()


def test_a_process_that_dies_costs_one_picture_at_most(reader: Reader) -> None:
    reader.warm()
    pid = process_of(reader)
    os.kill(pid, signal.SIGSTOP)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(reader.read, encode_png(NOISE), "mine.png")
        time.sleep(0.05)
        os.kill(pid, signal.SIGKILL)
        with pytest.raises(ImageError, match=r"mine\.png could not be read: its decoder broke off"):
            waiting.result()
    assert reader.read(encode_png(NOISE), "next.png").digest == digest_of(NOISE)


def test_the_processes_import_no_torch_and_end_with_whoever_started_them() -> None:
    code = (
        "import os, sys; from engine.reader import Reader; from engine.images import encode_png;"
        "import numpy as np; reader = Reader(); reader.read(encode_png(np.zeros((2, 2, 3), np.uint8)), 'a');"
        "pid = reader._free.queue[-1]._process.pid; print(pid);"
        "print('torch' in open(f'/proc/{pid}/maps').read() if os.path.exists('/proc/self/maps') else False);"
        "sys.stdout.flush(); os.kill(os.getpid(), 9)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    pid, torch = ran.stdout.split()
    assert torch == "False", ran.stderr
    deadline = time.monotonic() + 20
    while psutil.pid_exists(int(pid)) and time.monotonic() < deadline:
        with suppress(psutil.NoSuchProcess):
            if psutil.Process(int(pid)).status() == psutil.STATUS_ZOMBIE:
                return  # nobody here to bury it
        time.sleep(0.02)
    assert not psutil.pid_exists(int(pid))


def test_the_limits_of_a_file_stand_in_one_place() -> None:
    """Whatever reads a picture, a worker too, refuses these by `decode`, before it decodes them."""
    for data, words in (
        (progressive(6320, 26), "26 scans"),
        (tiled(100, 40_000), "40,000 x 40,000"),
    ):
        with pytest.raises(ImageError, match=words):
            decoding.open_picture(data, "x")
    assert decode(progressive(64, 100)).shape == (64, 64, 3)
    assert decode(progressive(64, 1) + b"\xff\xda" * 5000).shape == (64, 64, 3)  # a film behind it
