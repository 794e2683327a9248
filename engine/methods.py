"""What attacks, detectors and path finders have in common: each is declared in one file, and found by itself.

A class that gives itself a `name` is a method of its kind from then on, wherever it stands: in a file of the
kind's own room, in a notebook or in a test. Nothing here imports torch.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, ClassVar, TypeVar

from engine.errors import unknown_name
from engine.parameters import Field, Parameter, Parameters, fields_of, forget_fields


class Method:
    """One of several ways to do something."""

    kin: ClassVar[Methods[Any]]
    """All methods of its kind."""
    name: ClassVar[str]
    title: ClassVar[str]
    """What it is called in print."""
    place: ClassVar[int] = 1000
    """Where it stands among its kind, the lowest first; of equal places by name."""
    settings_class: ClassVar[type[Parameters]]
    _group: ClassVar[Field]

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if "name" in vars(cls):
            cls.kin.add(cls)

    @classmethod
    def group(cls) -> Field:
        """Its settings as one field among those of its kind, called as it is."""
        if "_group" not in vars(cls):
            name, words = cls.name.replace("-", "_"), Parameter(f"{cls.title}.")
            cls._group = Field(name, cls.settings_class, cls.settings_class(), words)
        return cls._group


M = TypeVar("M", bound=Method)


class Methods(Mapping[str, type[M]]):
    """The methods of a kind by name, in the order of their places.

    `noun` is what one of them is called. The files of the package `room`, not of the folders in it, are
    imported at the first look.
    """

    changes: ClassVar[int] = 0
    """How often a method of any kind came or went."""

    def __init__(self, noun: str, room: str) -> None:
        self.noun, self.room = noun, room
        self._known: dict[str, type[M]] = {}
        self._open = False

    def add(self, method: type[M]) -> None:
        """Take in a method; TypeError for one that lacks a fact or takes the name of another one."""
        missing = [fact for fact in _facts(method) if not hasattr(method, fact)]
        if missing:
            raise TypeError(f"{_home(method)} does not say its {' and its '.join(missing)}.")
        other = self._known.get(method.name, method)
        if _home(other) != _home(method):
            raise TypeError(f"{_home(other)} and {_home(method)} are both called {method.name!r}.")
        self._become({**self._known, method.name: method})

    @contextmanager
    def guests(self) -> Iterator[None]:
        """Whatever is declared inside is forgotten at the end."""
        before = self._opened()
        try:
            yield
        finally:
            self._become(before)

    def __getitem__(self, name: str) -> type[M]:
        """The method of this name; UnknownNameError lists the known ones."""
        if name not in self:
            raise unknown_name(self.noun, name, self)
        return self._known[name]

    def __contains__(self, name: object) -> bool:
        return name in self._opened()

    def __iter__(self) -> Iterator[str]:
        known = self._opened()
        return iter(sorted(known, key=lambda name: (known[name].place, name)))

    def __len__(self) -> int:
        return len(self._opened())

    def _become(self, known: dict[str, type[M]]) -> None:
        self._known = known
        Methods.changes += 1
        forget_fields()

    def _opened(self) -> dict[str, type[M]]:
        if not self._open:
            for file in iter_modules(import_module(self.room).__path__, f"{self.room}."):
                if not file.ispkg:
                    import_module(file.name)
            self._open = True
        return self._known


@dataclass(frozen=True, init=False, repr=False)
class OpenSettings(Parameters):
    """Settings of which some fields are declared by methods, and may come at any time.

    They are keywords and attributes as any other. Of a method that was declared after an instance was
    made, the instance has the settings as they are by default.
    """

    _given: tuple[tuple[str, Any], ...] = ()
    """The values that are not as they are by default, for comparing and copying."""

    def __init__(self, _given: tuple[tuple[str, Any], ...] = (), **values: Any) -> None:
        known = {field.name: field.default for field in fields_of(type(self))}
        if unknown := values.keys() - known:
            raise TypeError(f"{type(self).__name__} has no field {min(unknown)!r}.")
        vars(self).update({**known, **dict(_given), **values})
        self.__post_init__()

    def __post_init__(self) -> None:
        super().__post_init__()
        values = {field.name: getattr(self, field.name) for field in fields_of(type(self))}
        defaults = {field.name: field.default for field in fields_of(type(self))}
        given = tuple((name, value) for name, value in values.items() if value != defaults[name])
        object.__setattr__(self, "_given", given)

    def __getattr__(self, name: str) -> Any:
        for field in fields_of(type(self)):
            if field.name == name:
                return field.default
        raise AttributeError(f"{type(self).__name__} has no field {name!r}.")

    def __repr__(self) -> str:
        given = ", ".join(f"{name}={value!r}" for name, value in self._given)
        return f"{type(self).__name__}({given})"


@dataclass(frozen=True, init=False, repr=False)
class GroupedSettings(OpenSettings):
    """The settings of every method of a kind, each in a field that is called as the method is."""

    kin: ClassVar[Methods[Any]]

    @classmethod
    def declared(cls) -> tuple[Field, ...]:
        return tuple(method.group() for method in cls.kin.values())

    def of(self, name: str) -> Parameters:
        """The settings of one method."""
        return getattr(self, self.kin[name].group().name)

    def only(self, *names: str) -> dict[str, Any]:
        """The settings of some methods, by their fields."""
        return {self.kin[name].group().name: self.of(name) for name in names}

    def relevant_to(self, names: Iterable[str]) -> dict[str, Any]:
        """What is relevant of the settings of some methods."""
        return {name: settings.relevant() for name, settings in self.only(*names).items()}


def _facts(method: type[Method]) -> list[str]:
    """What a method of its kind says of itself."""
    declared = [vars(base).get("__annotations__", {}) for base in reversed(method.__mro__)]
    return [
        name
        for facts in declared
        for name, kind in facts.items()
        if "ClassVar" in str(kind) and not name.startswith("_")
    ]


def _home(method: type[Method]) -> str:
    return f"{method.__module__}.{method.__qualname__}"
