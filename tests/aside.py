"""Coroutines in tests that are no coroutines: Playwright leaves a loop running in the tests' own thread."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def run_aside(work: Coroutine[object, object, T]) -> T:
    """What a coroutine returns, from a loop in a thread of its own."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()
