"""Frozen dataclasses to JSON values and back: strict, lossless, defaults left out.

The form is the one that the vectors use: fields by name; enums by value; `Fraction` as "1/3"; `Money` as
{"currency", "fine"} with the fine units as text; sets as sorted lists; a field that equals its default is absent (so
a default of a recorded type must never change). Reading refuses unknown fields, wrong types and missing fields, and
names the path at fault.
"""

from __future__ import annotations

import dataclasses
import re
import types
import typing
from collections.abc import Callable
from enum import Enum
from fractions import Fraction
from functools import cache
from typing import Any, TypeVar, cast

from cantoria.kernel.errors import InputError
from cantoria.kernel.money import Money

T = TypeVar("T")
Reader = Callable[[Any, str], Any]
_FRACTION = re.compile(r"-?(0|[1-9][0-9]{0,40})(/[1-9][0-9]{0,40})?")
_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,40})")


def to_json(value: Any) -> Any:
    """Return the JSON value of a dataclass, enum, fraction, money, collection or plain value."""
    kind = type(value)
    if kind is str or kind is int or kind is bool or value is None:
        return value
    if kind is Money:
        return {"currency": value.currency, "fine": str(value.fine)}
    if dataclasses.is_dataclass(value):
        return {
            name: to_json(item)
            for name, default in _defaults(cast(Any, kind))
            if (item := getattr(value, name)) is not default and item != default
        }
    if isinstance(value, Enum):
        return value.value
    if kind is tuple or kind is list:
        return [to_json(item) for item in value]
    if kind is frozenset or kind is set:
        return sorted(to_json(item) for item in value)
    if kind is Fraction:
        return str(value)
    if kind is dict:
        return {key: to_json(item) for key, item in value.items()}
    raise InputError(f"{kind.__name__} has no JSON form", "use dataclasses, enums, fractions and plain values")


def from_json(cls: type[T], value: Any, *, path: str = "") -> T:
    """Return the `cls` that `value` describes; anything else than exactly its form is an `InputError`."""
    reader: Reader = _reader(cast(Any, cls))
    return cast(T, reader(value, path or cls.__name__))


_MISSING = object()


@cache
def _defaults(cls: Any) -> tuple[tuple[str, Any], ...]:
    found = []
    for field in dataclasses.fields(cls):
        default = field.default
        if default is dataclasses.MISSING:
            factory = field.default_factory
            default = factory() if factory is not dataclasses.MISSING else _MISSING
        found.append((field.name, default))
    return tuple(found)


@cache
def _reader(annotation: Any) -> Reader:
    """Build, once per type, the function that reads it."""
    origin = typing.get_origin(annotation)
    arguments = typing.get_args(annotation)
    if isinstance(annotation, typing.NewType):
        return _reader(annotation.__supertype__)
    if origin in (typing.Union, types.UnionType):
        return _read_union(arguments)
    if origin is tuple:
        return _read_tuple(arguments)
    if origin is frozenset:
        return _read_set(_reader(arguments[0]))
    if origin is dict:
        return _read_dict(_reader(arguments[1]))
    if annotation in (str, int, bool):
        return _read_plain(annotation)
    if annotation is Any:
        return lambda value, path: value
    if annotation is Fraction:
        return _read_fraction
    if annotation is Money:
        return _read_money
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return _read_enum(annotation)
    if dataclasses.is_dataclass(annotation):
        return _read_dataclass(annotation)
    raise InputError(f"no JSON form for {annotation!r}", "this is a defect in a type")


def _read_plain(kind: type[Any]) -> Reader:
    def read(value: Any, path: str) -> Any:
        if type(value) is not kind:
            raise InputError(f"{path}: {value!r:.80} is not {kind.__name__}")
        return value

    return read


def _read_union(arguments: tuple[Any, ...]) -> Reader:
    inner = [_reader(argument) for argument in arguments if argument is not type(None)]
    optional = type(None) in arguments

    def read(value: Any, path: str) -> Any:
        if value is None and optional:
            return None
        for position, reader in enumerate(inner):
            try:
                return reader(value, path)
            except InputError:
                if position == len(inner) - 1:
                    raise
        raise InputError(f"{path}: null is not allowed")

    return read


def _read_tuple(arguments: tuple[Any, ...]) -> Reader:
    if len(arguments) == 2 and arguments[1] is Ellipsis:
        each = _reader(arguments[0])

        def read_many(value: Any, path: str) -> Any:
            if type(value) is not list:
                raise InputError(f"{path}: {value!r:.80} is not a list")
            return tuple([each(item, f"{path}[{position}]") for position, item in enumerate(value)])

        return read_many
    readers = [_reader(argument) for argument in arguments]

    def read_fixed(value: Any, path: str) -> Any:
        if type(value) is not list or len(value) != len(readers):
            raise InputError(f"{path}: {value!r:.80} is not a list of {len(readers)}")
        pairs = zip(readers, value, strict=True)
        return tuple([reader(item, f"{path}[{i}]") for i, (reader, item) in enumerate(pairs)])

    return read_fixed


def _read_set(each: Reader) -> Reader:
    def read(value: Any, path: str) -> Any:
        if type(value) is not list:
            raise InputError(f"{path}: {value!r:.80} is not a list")
        found = frozenset([each(item, path) for item in value])
        if len(found) != len(value):
            raise InputError(f"{path}: names something twice")
        return found

    return read


def _read_dict(each: Reader) -> Reader:
    def read(value: Any, path: str) -> Any:
        if type(value) is not dict:
            raise InputError(f"{path}: {value!r:.80} is not an object")
        return {key: each(item, f"{path}.{key}") for key, item in value.items()}

    return read


def _read_enum(cls: type[Enum]) -> Reader:
    values = {member.value: member for member in cls}

    def read(value: Any, path: str) -> Any:
        if type(value) not in (str, int) or value not in values:
            known = ", ".join(str(known) for known in values)
            raise InputError(f"{path}: {value!r:.80} is not a {cls.__name__}", f"one of {known}")
        return values[value]

    return read


def _read_fraction(value: Any, path: str) -> Fraction:
    if type(value) is not str or not _FRACTION.fullmatch(value) or str(Fraction(value)) != value:
        raise InputError(f"{path}: {value!r:.80} is not an exact fraction in lowest terms", 'write "1/3"')
    return Fraction(value)


def _read_money(value: Any, path: str) -> Money:
    if type(value) is not dict or set(value) != {"currency", "fine"} or type(value["currency"]) is not str:
        raise InputError(f"{path}: {value!r:.80} is not money", 'write {"currency": "EUR", "fine": "1000000"}')
    fine = value["fine"]
    if type(fine) is not str or not _INTEGER.fullmatch(fine) or str(int(fine)) != fine:
        raise InputError(f"{path}.fine: {fine!r:.80} is not a whole number of fine units written as text")
    try:
        return Money(int(fine), value["currency"])
    except InputError as error:
        raise _at(path, error) from error


def _read_dataclass(cls: Any) -> Reader:
    hints = typing.get_type_hints(cls)
    readers = {name: _reader(hints[name]) for name, _ in _defaults(cls)}
    needed = {name for name, default in _defaults(cls) if default is _MISSING}

    def read(value: Any, path: str) -> Any:
        if type(value) is not dict:
            raise InputError(f"{path}: {value!r:.80} is not an object")
        found = {}
        for name, item in value.items():
            reader = readers.get(name)
            if reader is None:
                raise InputError(f"{path}.{name}: unknown field", f"fields are {', '.join(sorted(readers))}")
            found[name] = reader(item, f"{path}.{name}")
        missing = needed - found.keys()
        if missing:
            raise InputError(f"{path}: missing {', '.join(sorted(missing))}")
        try:
            return cls(**found)
        except InputError as error:
            raise _at(path, error) from error

    return read


def _at(path: str, error: InputError) -> InputError:
    """Return what a constructor refused, with the place where it stands."""
    return InputError(f"{path}: {error.message}", error.remedy, error.context)
