"""Bars: progress as tqdm draws it, in a terminal or a notebook. Made by `engine.progress()`."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any, Self

FORMAT = "{desc}{percentage:3.0f}%|{bar}| {elapsed}<{remaining}{postfix}"
"""Without counts: a step is a share of the whole, and says nothing."""


class Bar:
    """A reporter that shows stage, share done, time passed and left; silent again once all is done.

    It may be given to one function after the other: each has a bar of its own, which closes when it
    ends. `with engine.progress() as report:` closes it after an error too.
    """

    def __init__(self) -> None:
        self._bar: Any = None

    def __call__(self, step: float, total: float, **metrics: float | str) -> None:
        share = min(max(step / total, 0.0), 1.0) if total else 1.0
        stage = str(metrics.pop("stage", "")).partition("\n")[0]
        if self._bar is None:
            if share >= 1:
                return  # done before there was anything to show
            self._bar = _opened(stage)
        self._bar.set_description("Done" if share >= 1 else stage, refresh=False)
        # What a bar counts only grows; a computation that begins anew shows where it is again.
        self._bar.set_postfix(_numbers(metrics), refresh=False)
        if share >= self._bar.n:
            self._bar.update(share - self._bar.n)
        else:
            self._bar.n = share
        if share >= 1:
            self.close()

    def close(self) -> None:
        """End the bar, wherever it is."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Bar {self._bar.n:.0%}>" if self._bar is not None else "<Bar>"


def _opened(stage: str) -> Any:
    # A notebook without ipywidgets gets the terminal's bar, which will do.
    kind = import_module("tqdm.auto" if find_spec("ipywidgets") else "tqdm")
    return kind.tqdm(desc=stage, total=1.0, bar_format=FORMAT, leave=True)


def _numbers(metrics: dict[str, float | str]) -> dict[str, str]:
    """Metrics that are numbers as short texts, in their order."""
    return {
        name: f"{value:.3g}" for name, value in metrics.items() if isinstance(value, int | float)
    }
