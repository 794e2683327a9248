"""Parameters: frozen dataclasses whose fields carry help, unit and range, checked on construction.

The web page, the command line and Python all build the same objects, so what is declared here is
declared once: `Annotated[float, Parameter("Step size of Adam.", unit="pixel", low=1e-5, high=1)]`.
"""

from __future__ import annotations

import dataclasses
import math
import types
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Self, Union, get_args, get_origin, get_type_hints

from engine.errors import ParameterError, unknown_name


@dataclass(frozen=True)
class Parameter:
    """What a field means: help text, unit, inclusive range, and whether a page folds it away."""

    help: str
    unit: str = ""
    low: float | None = None
    high: float | None = None
    label: str = ""
    advanced: bool = False
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


@dataclass(frozen=True)
class Field:
    """One declared field as a front needs it: name, Python type, default, meaning, choices."""

    name: str
    type: Any
    default: Any
    parameter: Parameter

    @property
    def choices(self) -> tuple[str, ...]:
        """What its value may be, where there are few; empty for all others."""
        if self.parameter.choices is not None:
            return tuple(self.parameter.choices)
        return get_args(self.type) if get_origin(self.type) is Literal else ()

    @property
    def label(self) -> str:
        return self.parameter.label or self.name.replace("_", " ").capitalize()


@dataclass(frozen=True)
class Parameters:
    """Base of every spec and settings class: validates itself, and goes to JSON and back."""

    def __post_init__(self) -> None:
        for field in fields_of(type(self)):
            value = _checked(type(self).__name__, field, getattr(self, field.name))
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
            field.name: value.to_dict() if isinstance(value, Parameters) else value
            for field in fields_of(type(self))
            for value in [getattr(self, field.name)]
        }

    def relevant(self) -> dict[str, Any]:
        """`to_dict` without what makes no difference; subclasses leave out more.

        Of several methods, for example, only the settings of the chosen one.
        """
        return {
            field.name: value.relevant() if isinstance(value, Parameters) else value
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
        return cls(**{name: _updated(known[name].default, new) for name, new in values.items()})

    def updated(self, values: Mapping[str, Any]) -> Self:
        """The same with other values, nested ones as dictionaries that may be partial too."""
        changed = {name: _updated(getattr(self, name, None), new) for name, new in values.items()}
        own = {field.name: getattr(self, field.name) for field in fields_of(type(self))}
        return type(self).from_dict({**own, **changed})

    @classmethod
    def merged(cls, owner: str, settings: Parameters | None, values: Mapping[str, Any]) -> Self:
        """`settings` with `values` in place of its own; ParameterError for those of another class."""
        if settings is not None and not isinstance(settings, cls):
            raise ParameterError(
                f"settings: expected {cls.__name__} for {owner!r}, got {type(settings).__name__}."
            )
        return cls.from_dict({**({} if settings is None else settings.to_dict()), **values})


_FIELDS: dict[Any, tuple[Field, ...]] = {}


def fields_of(cls: type[Parameters]) -> tuple[Field, ...]:
    """The declared fields of a Parameters class, in order."""
    known = _FIELDS.get(cls)
    if known is None:
        hints = get_type_hints(cls, include_extras=True)
        own = [field for field in dataclasses.fields(cls) if not field.name.startswith("_")]
        fields = [_field(cls, field, hints[field.name]) for field in own]
        known = _FIELDS[cls] = (*fields, *cls.declared())
    return known


def forget_fields() -> None:
    """Let fields be worked out anew: they and their defaults depend on what else is declared."""
    _FIELDS.clear()


def _field(cls: type[Parameters], field: dataclasses.Field[Any], hint: Any) -> Field:
    meaning = Parameter(help="")
    if get_origin(hint) is Annotated:
        hint, *extras = get_args(hint)
        meaning = next((extra for extra in extras if isinstance(extra, Parameter)), meaning)
    if field.default is not dataclasses.MISSING:
        default = field.default
    elif field.default_factory is not dataclasses.MISSING:
        default = field.default_factory()
    else:
        raise TypeError(f"{cls.__name__}.{field.name} needs a default value")
    return Field(field.name, hint, default, meaning)


def _checked(owner: str, field: Field, value: Any) -> Any:
    kinds = _alternatives(field.type)
    if value is None and type(None) in kinds:
        return None
    if choices := field.choices:
        if value not in choices:
            raise unknown_name(f"{owner}.{field.name}", value, choices)
        return value
    kind = next(kind for kind in kinds if kind is not type(None))
    value = _converted(owner, field, kind, value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        _check_range(owner, field, value)
    return value


def _converted(owner: str, field: Field, kind: Any, value: Any) -> Any:
    """`value` as `kind`, where the conversion loses nothing (an int for a float, a numpy scalar)."""
    if hasattr(value, "item") and getattr(value, "ndim", None) == 0:
        value = value.item()
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    if kind is int and isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, kind) or (kind in (int, float) and isinstance(value, bool)):
        raise _refusal(owner, field, kind, value)
    return value


def _check_range(owner: str, field: Field, value: float) -> None:
    low, high = field.parameter.low, field.parameter.high
    inside = (low is None or value >= low) and (high is None or value <= high)
    if not math.isfinite(value) or not inside:
        raise _refusal(owner, field, type(value), value)


def _refusal(owner: str, field: Field, kind: type, value: Any) -> ParameterError:
    noun = {int: "a whole number", float: "a number", str: "a text", bool: "true or false"}
    expected = ", ".join(filter(None, (noun.get(kind, kind.__name__), field.parameter.span)))
    came = repr(value) if len(repr(value)) <= 80 else f"{repr(value)[:77]}..."
    return ParameterError(
        f"{owner}.{field.name}: expected {expected}, got {came}. The default is {field.default!r}."
    )


def _alternatives(hint: Any) -> tuple[Any, ...]:
    return get_args(hint) if get_origin(hint) in (Union, types.UnionType) else (hint,)


def without(values: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """A dictionary without some of its names."""
    return {name: value for name, value in values.items() if name not in names}


def _updated(old: Any, new: Any) -> Any:
    """`new` in place of `old`, where both are parameters what `new` says of them."""
    return old.updated(new) if isinstance(old, Parameters) and isinstance(new, Mapping) else new


def _plain(number: float | None) -> str:
    return f"{number:,.10g}" if number is not None else ""
