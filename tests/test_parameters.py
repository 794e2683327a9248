"""Parameters validate themselves and say what was expected, what came, and the default."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Annotated, Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import ParameterError, UnknownNameError
from engine.parameters import Parameter, Parameters, fields_of


@dataclass(frozen=True)
class Inner(Parameters):
    weight: Annotated[float, Parameter("A weight.", unit="nats", low=0, high=1)] = 0.5


@dataclass(frozen=True)
class Outer(Parameters):
    count: Annotated[int, Parameter("How many.", low=1)] = 3
    rule: Annotated[Literal["a", "b"], Parameter("Which.")] = "a"
    limit: Annotated[int | None, Parameter("At most.", high=9)] = None
    inner: Annotated[Inner, Parameter("More.")] = field(default_factory=Inner)


@dataclass(frozen=True)
class Lists(Parameters):
    names: Annotated[tuple[str, ...], Parameter("Some names.", most=3)] = ("a b",)
    counts: Annotated[tuple[int, ...], Parameter("Any number of them.", low=1, fewest=0)] = ()
    levels: Annotated[
        tuple[float, ...], Parameter("Levels.", unit="nats", high=9, collection=True)
    ] = (0.5, 1.0)
    rules: Annotated[tuple[Literal["b", "a"], ...], Parameter("Which.", collection=True)] = ("a",)


@dataclass(frozen=True)
class Named(Parameters):
    name: Annotated[str, Parameter("A name.")] = ""
    lists: Annotated[Lists, Parameter("Lists.")] = field(default_factory=Lists)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -0.1, 1.1, "0.5", True, None])
def test_a_number_outside_its_range_is_refused_with_reasons(value):
    with pytest.raises(ParameterError) as error:
        Inner(weight=value)
    for word in ("weight", "0 to 1 nats", repr(value), "default is 0.5"):
        assert word in str(error.value)


@pytest.mark.parametrize("values", [{"count": 0}, {"count": 2.5}, {"limit": 10}, {"inner": 3}])
def test_other_types_and_ranges_are_refused(values):
    with pytest.raises(ParameterError):
        Outer(**values)


def test_an_unknown_choice_or_name_lists_the_known():
    with pytest.raises(UnknownNameError, match="a, b"):
        Outer(rule="c")
    with pytest.raises(UnknownNameError, match=r"Did you mean 'count'.*count, rule, limit, inner"):
        Outer.from_dict({"counts": 3})


@given(
    st.integers(1, 10**9), st.sampled_from("ab"), st.floats(0, 1), st.none() | st.integers(-5, 9)
)
def test_json_round_trip_is_exact(count, rule, weight, limit):
    outer = Outer(count=count, rule=rule, limit=limit, inner=Inner(weight))
    assert Outer.from_dict(outer.to_dict()) == outer


def test_lossless_conversions_are_accepted():
    assert Outer(count=np.int64(4)).count == 4
    assert Inner(weight=1).weight == 1.0
    assert isinstance(Inner(weight=1).weight, float)


@given(
    st.lists(st.text() | st.integers(), min_size=1, max_size=3),
    st.lists(st.integers(1, 10**6)),
    st.lists(st.floats(-9, 9), min_size=1),
    st.lists(st.sampled_from("ab"), min_size=1),
)
def test_lists_go_to_json_and_back(names, counts, levels, rules):
    lists = Lists(names=names, counts=counts, levels=levels, rules=rules)
    assert lists.names == tuple(map(str, names))
    assert lists.counts == tuple(counts)
    assert Lists.from_dict(json.loads(json.dumps(lists.to_dict()))) == lists
    assert lists.relevant() == lists.to_dict()
    assert Named().with_values({"lists": {"names": names}}).lists.names == lists.names
    assert len({lists, Lists.from_dict(lists.relevant())}) == 1


@pytest.mark.parametrize(
    "levels", [(1, 0.5), [0.5, 1.0, 1], np.array([1, 0.5]), np.float32([0.5, 1]), range(1, 2)]
)
def test_any_sequence_is_a_list_and_a_collection_has_one_order(levels):
    lists = Lists(levels=levels, rules=("a", "b", "a"))
    assert lists.levels == tuple(sorted(set(map(float, levels))))
    assert lists.rules == ("b", "a")
    assert Lists(names=["b", "a", "b"]).names == ("b", "a", "b")


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"names": "a b"}, r"Lists.names: expected a list of texts, 1 to 3 of them, got 'a b'"),
        ({"names": 3}, r"names: expected a list of texts, .*, got 3\."),
        ({"names": ()}, r"1 to 3 of them, got 0 items"),
        ({"names": ["abcd"] * 4}, r"1 to 3 of them, got 4 items"),
        ({"names": ["a", None]}, r"Lists.names\[1\]: expected a text, got None"),
        ({"names": [True]}, r"names\[0\]: expected a text, got True"),
        ({"names": {"a": 1}}, r"expected a list of texts"),
        ({"counts": [1, 2, 0]}, r"counts\[2\]: expected a whole number, at least 1, got 0"),
        ({"counts": [1.5]}, r"counts\[0\]: expected a whole number, at least 1, got 1.5"),
        ({"levels": [1, 10]}, r"levels\[1\]: expected a number, at most 9 nats, got 10.0"),
        ({"levels": [float("nan")]}, r"levels\[0\]: expected a number, .* The default is \(0.5"),
    ],
)
def test_an_error_says_which_item_of_a_list_is_wrong(values, words):
    with pytest.raises(ParameterError, match=words):
        Lists(**values)


def test_an_unknown_choice_in_a_list_lists_the_known():
    with pytest.raises(UnknownNameError, match=r"Lists.rules\[1\] 'c'.*Known: b, a"):
        Lists(rules=("a", "c"))


@pytest.mark.parametrize(
    ("value", "text"), [(257, "257"), (np.int64(3), "3"), (257.0, "257"), (0.5, "0.5"), (-1, "-1")]
)
def test_a_number_for_a_text_is_its_text(value, text):
    assert Named(name=value) == Named(name=text)


def test_a_number_larger_than_any_float_is_refused():
    with pytest.raises(
        ParameterError, match=r"Inner.weight: expected a number, 0 to 1 nats, got 1000"
    ):
        Inner(weight=10**400)


@pytest.mark.parametrize("value", [True, None, float("nan"), ["a"], np.array([1, 2]), "9" * 5000])
def test_what_is_no_text_is_refused(value):
    with pytest.raises(ParameterError, match=r"Named.name: expected a text"):
        Named(name=value)


def test_fields_carry_what_a_front_needs():
    names, _, levels, rules = fields_of(Lists)
    assert (names.item, levels.item, rules.choices) == (str, float, ("b", "a"))
    count, rule, *_ = fields_of(Outer)
    assert count.item is rule.item is None
    assert (count.label, count.default, count.parameter.span) == ("Count", 3, "at least 1")
    assert rule.choices == ("a", "b")


def test_values_take_the_place_of_those_of_settings_of_the_same_class():
    assert Inner.combine("it", None, {}) == Inner()
    assert Outer.combine("it", Outer(count=5, rule="b"), {"count": 7}) == Outer(count=7, rule="b")
    with pytest.raises(ParameterError, match="expected Inner for 'it', got Outer"):
        Inner.combine("it", Outer(), {})
    with pytest.raises(UnknownNameError, match="heaviness"):
        Inner.combine("it", None, {"heaviness": 1})
