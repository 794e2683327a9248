"""What a process keeps between computations."""

from __future__ import annotations

from engine.warm import Warm


def test_a_value_is_made_once():
    warm, made = Warm(10), []
    for _ in range(3):
        assert warm.get("a", lambda: made.append(1) or [1], len) == [1]
    assert made == [1]


def test_what_was_not_used_for_the_longest_goes_first():
    warm, made = Warm(2), []

    def get(key: str) -> None:
        warm.get(key, lambda: made.append(key) or key, len)

    for key in ("a", "b", "a", "c", "a", "b"):
        get(key)
    assert made == ["a", "b", "c", "b"]


def test_what_is_larger_than_all_that_may_be_kept_is_given_and_not_kept():
    warm, made = Warm(2), []
    warm.get("b", lambda: made.append("b") or "b", len)
    for _ in range(2):
        assert warm.get("a", lambda: made.append("a") or "large", len) == "large"
    warm.get("b", lambda: made.append("b") or "b", len)
    assert made == ["b", "a", "a"]


def test_a_value_that_grows_is_weighed_anew():
    warm = Warm(3)
    growing = warm.get("a", lambda: [1], len)
    warm.get("b", lambda: [1], len)
    growing += [2, 3]
    warm.get("b", lambda: [1], len)
    assert warm.get("a", lambda: [0], len) == [0]


def test_what_cannot_be_made_is_not_kept():
    warm = Warm(3)
    for value in (0, 1):
        try:
            warm.get("a", lambda value=value: [1 // value], len)
        except ZeroDivisionError:
            continue
    assert warm.get("a", lambda: [2], len) == [1]
