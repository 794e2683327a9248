"""Parameters validate themselves and say what was expected, what came, and the default."""

from __future__ import annotations

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


def test_fields_carry_what_a_front_needs():
    count, rule, *_ = fields_of(Outer)
    assert (count.label, count.default, count.parameter.span) == ("Count", 3, "at least 1")
    assert rule.choices == ("a", "b")


def test_values_take_the_place_of_those_of_settings_of_the_same_class():
    assert Inner.merged("it", None, {}) == Inner()
    assert Outer.merged("it", Outer(count=5, rule="b"), {"count": 7}) == Outer(count=7, rule="b")
    with pytest.raises(ParameterError, match="expected Inner for 'it', got Outer"):
        Inner.merged("it", Outer(), {})
    with pytest.raises(UnknownNameError, match="heaviness"):
        Inner.merged("it", None, {"heaviness": 1})
