"""Parameters: frozen dataclasses whose fields carry help, unit and range, checked on construction.

The web page, the command line and Python all build the same objects, so what is declared here is
declared once: `rate: float = parameter(0.01, "Step size of Adam.", within(1e-5, 1, "pixel range"))`. What
several classes declare alike is a type: `Rate = Annotated[float, Parameter(...)]`.
"""

from __future__ import annotations

import dataclasses
import math
import types
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import (
    Annotated,
    Any,
    Literal,
    Self,
    TypeVar,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)

from engine.errors import ParameterError, unknown_name

T = TypeVar("T")
P = TypeVar("P", bound="Parameters")

MEANING = "meaning"
"""Names the Parameter in the metadata of a dataclass's field."""

LONGEST = 4096
"""Characters of a text: as many as a path may have, and of digits fewer than Python reads as a number."""

NO_SPAN: Mapping[str, Any] = {}


@dataclass(frozen=True)
class Parameter:
    """What a field means: help text, unit, inclusive range, and whether a page folds it away.

    Of a list, unit and range are those of each item. It holds `fewest` to `most` of them. Where it is
    a `collection`, order and repetition make no difference: it keeps each item once, sorted.
    """

    help: str
    unit: str = ""
    low: float | None = None
    high: float | None = None
    label: str = ""
    advanced: bool = False
    fewest: int = 1
    most: int | None = None
    collection: bool = False
    choices: Iterable[str] | None = None
    """What a text may be, where that depends on what is declared elsewhere; else its type says so."""

    @property
    def span(self) -> str:
        """The range in words with its unit: "0 to 1 nats", "at least 2", or the empty string."""
        if self.low is None and self.high is None:
            return ""
        if self.high is None:
            words = f"at least {_plain(self.low)}"
        elif self.low is None:
            words = f"at most {_plain(self.high)}"
        else:
            words = f"{_plain(self.low)} to {_plain(self.high)}"
        return f"{words} {self.unit}".strip()


def within(
    low: float | None = None, high: float | None = None, unit: str = ""
) -> Mapping[str, Any]:
    """The inclusive range of a number, or of each item of a list, and its unit."""
    return {"low": low, "high": high, "unit": unit}


def parameter(default: T, words: str, span: Mapping[str, Any] = NO_SPAN, **more: Any) -> T:
    """A field: its default, its help text, its range; `more` is what else `Parameter` says of it."""
    return dataclasses.field(default=default, metadata={MEANING: Parameter(words, **span, **more)})


def advanced(default: T, words: str, span: Mapping[str, Any] = NO_SPAN, **more: Any) -> T:
    """A `parameter` that a page folds away."""
    return parameter(default, words, span, advanced=True, **more)


def nested(make: Callable[[], T], words: str, **more: Any) -> T:
    """A field whose default `make` returns, anew each time: settings that hang on what is declared."""
    return dataclasses.field(default_factory=make, metadata={MEANING: Parameter(words, **more)})


SEEDS = within(0, 2**31 - 1)


@dataclass(frozen=True)
class Field:
    """One declared field as a front needs it: name, Python type, default, meaning, choices.

    `item` is the type of each item of a list, `tuple[item, ...]`, and None for anything else; `choices`
    are those of an item then.
    """

    name: str
    type: Any
    default: Any
    parameter: Parameter
    item: Any = None

    @property
    def choices(self) -> tuple[str, ...]:
        """What its value, or each item of a list, may be, where there are few; empty for all others."""
        if self.parameter.choices is not None:
            return tuple(self.parameter.choices)
        one = self.item or self.type
        return get_args(one) if get_origin(one) is Literal else ()

    @property
    def label(self) -> str:
        return self.parameter.label or self.name.replace("_", " ").capitalize()


@dataclass(frozen=True)
class Parameters:
    """Base of every spec and settings class: validates itself, and goes to JSON and back."""

    def __post_init__(self) -> None:
        for field in fields_of(type(self)):
            value = _check(type(self).__name__, field, getattr(self, field.name))
            object.__setattr__(self, field.name, value)
        self.check()

    @classmethod
    def declared(cls) -> tuple[Field, ...]:
        """Fields that are declared elsewhere; most classes write down all of theirs."""
        return ()

    def check(self) -> None:
        """Rules that span several fields; subclasses raise ParameterError."""

    def to_dict(self) -> dict[str, Any]:
        """The fields as plain JSON types, nested parameters as dictionaries."""
        return {
            field.name: value.to_dict() if isinstance(value, Parameters) else _json(value)
            for field in fields_of(type(self))
            for value in [getattr(self, field.name)]
        }

    def relevant(self) -> dict[str, Any]:
        """`to_dict` without what makes no difference; subclasses leave out more.

        Of several methods, for example, only the settings of the chosen one.
        """
        return {
            field.name: value.relevant() if isinstance(value, Parameters) else _json(value)
            for field in fields_of(type(self))
            for value in [getattr(self, field.name)]
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Build from `to_dict`'s output, or a part of it: the rest is as it is by default.

        A name that is no field raises UnknownNameError.
        """
        known = {field.name: field for field in fields_of(cls)}
        for name in values:
            if name not in known:
                raise unknown_name(f"parameter of {cls.__name__}", name, known)
        return cls(**{name: _update(known[name].default, new) for name, new in values.items()})

    def with_values(self, values: Mapping[str, Any]) -> Self:
        """The same with other values, nested ones as dictionaries that may be partial too."""
        changed = {name: _update(getattr(self, name, None), new) for name, new in values.items()}
        own = {field.name: getattr(self, field.name) for field in fields_of(type(self))}
        return type(self).from_dict({**own, **changed})

    @classmethod
    def combine(cls, owner: str, settings: Parameters | None, values: Mapping[str, Any]) -> Self:
        """`settings` with `values` in place of its own; ParameterError for those of another class."""
        if settings is not None and not isinstance(settings, cls):
            raise ParameterError(
                f"settings: expected {cls.__name__} for {owner!r}, got {type(settings).__name__}."
            )
        return cls.from_dict({**({} if settings is None else settings.to_dict()), **values})


_FIELDS: dict[Any, tuple[Field, ...]] = {}
_DEFAULTS: dict[Any, Any] = {}


def fields_of(cls: type[Parameters]) -> tuple[Field, ...]:
    """The declared fields of a Parameters class, in order."""
    known = _FIELDS.get(cls)
    if known is None:
        hints = get_type_hints(cls, include_extras=True)
        own = [field for field in dataclasses.fields(cls) if not field.name.startswith("_")]
        fields = [_field(cls, field, hints[field.name]) for field in own]
        known = _FIELDS[cls] = (*fields, *cls.declared())
    return known


def default_of(cls: type[P]) -> P:
    """The instance of a Parameters class with every field at its default."""
    if cls not in _DEFAULTS:
        _DEFAULTS[cls] = cls()
    return _DEFAULTS[cls]


def forget_fields() -> None:
    """Let fields be worked out anew: they and their defaults depend on what else is declared."""
    _FIELDS.clear()
    _DEFAULTS.clear()


def _field(cls: type[Parameters], field: dataclasses.Field[Any], hint: Any) -> Field:
    meaning = field.metadata.get(MEANING, Parameter(help=""))
    if get_origin(hint) is Annotated:
        hint, *extras = get_args(hint)
        meaning = next((extra for extra in extras if isinstance(extra, Parameter)), meaning)
    if field.default is not dataclasses.MISSING:
        default = field.default
    elif field.default_factory is not dataclasses.MISSING:
        default = field.default_factory()
    else:
        raise TypeError(f"{cls.__name__}.{field.name} needs a default value")
    item = get_args(hint)[0] if get_origin(hint) is tuple else None
    return Field(field.name, hint, default, meaning, item)


def _check(owner: str, field: Field, value: Any) -> Any:
    if field.item is not None:
        return _check_list(owner, field, value)
    kinds = _alternatives(field.type)
    if value is None and type(None) in kinds:
        return None
    if choices := field.choices:
        if value not in choices:
            raise unknown_name(f"{owner}.{field.name}", value, choices)
        return value
    kind = next(kind for kind in kinds if kind is not type(None))
    value = _convert(owner, field, kind, value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        _check_range(owner, field, value)
    return value


def _check_list(owner: str, field: Field, given: Any) -> tuple[Any, ...]:
    """Any sequence as a tuple of items, each of which is checked as a field of its own would be."""
    values = given.tolist() if hasattr(given, "tolist") else given
    if not isinstance(values, Sequence) or isinstance(values, str | bytes):
        raise _refusal(owner, field, _list_words(field), given)
    items = [
        _check(owner, replace(field, name=f"{field.name}[{k}]", type=field.item, item=None), value)
        for k, value in enumerate(values)
    ]
    if field.parameter.collection:
        items = sorted(set(items), key=field.choices.index if field.choices else None)
    fewest, most = field.parameter.fewest, field.parameter.most
    if not fewest <= len(items) <= (len(items) if most is None else most):
        raise _refusal(owner, field, _list_words(field), given, f"{len(items):,} items")
    return tuple(items)


def _convert(owner: str, field: Field, kind: Any, value: Any) -> Any:
    """`value` as `kind`, where the conversion loses nothing (an int for a float, a numpy scalar)."""
    if hasattr(value, "item") and getattr(value, "ndim", None) == 0:
        value = value.item()
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        with suppress(OverflowError):  # then it is no number of this kind
            value = float(value)
    if kind in (int, str) and isinstance(value, float) and value.is_integer():
        value = int(value)
    if kind is str and isinstance(value, int | float) and not isinstance(value, bool):
        value = str(value) if math.isfinite(value) else value
    if not isinstance(value, kind) or (kind in (int, float) and isinstance(value, bool)):
        raise _refusal(owner, field, _words(field, kind), value)
    if isinstance(value, str) and len(value) > LONGEST:
        said = f"{_words(field, kind)} of at most {LONGEST:,} characters"
        raise _refusal(owner, field, said, value, f"{len(value):,} of them")
    return value


def _check_range(owner: str, field: Field, value: float) -> None:
    low, high = field.parameter.low, field.parameter.high
    inside = (low is None or value >= low) and (high is None or value <= high)
    if not math.isfinite(value) or not inside:
        raise _refusal(owner, field, _words(field, type(value)), value)


def _words(field: Field, kind: type) -> str:
    """What a field takes: "a number, 0 to 1 nats"."""
    noun = {int: "a whole number", float: "a number", str: "a text", bool: "true or false"}
    return ", ".join(filter(None, (noun.get(kind, kind.__name__), field.parameter.span)))


def _list_words(field: Field) -> str:
    """What a list takes: "a list of texts, 1 to 200 of them"."""
    noun = {int: "whole numbers", float: "numbers"}.get(field.item, "texts")
    fewest, most = field.parameter.fewest, field.parameter.most
    return f"a list of {noun}, {Parameter('', low=fewest, high=most).span} of them"


def _refusal(owner: str, field: Field, expected: str, value: Any, came: str = "") -> ParameterError:
    came = came or (repr(value) if len(repr(value)) <= 80 else f"{repr(value)[:77]}...")
    return ParameterError(
        f"{owner}.{field.name}: expected {expected}, got {came}. The default is {field.default!r}."
    )


def _alternatives(hint: Any) -> tuple[Any, ...]:
    return get_args(hint) if get_origin(hint) in (Union, types.UnionType) else (hint,)


def without(values: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """A dictionary without some of its names."""
    return {name: value for name, value in values.items() if name not in names}


def _update(old: Any, new: Any) -> Any:
    """`new` in place of `old`, where both are parameters what `new` says of them."""
    return old.with_values(new) if isinstance(old, Parameters) and isinstance(new, Mapping) else new


def _json(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _plain(number: float | None) -> str:
    return f"{number:,.10g}" if number is not None else ""
