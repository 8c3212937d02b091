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
from functools import cache, lru_cache
from typing import Any, TypeVar, cast

from cantoria.kernel.canonical import INTEGER_MAX
from cantoria.kernel.errors import InputError
from cantoria.kernel.money import Money

T = TypeVar("T")
Reader = Callable[[Any], Any]
_FRACTION = re.compile(r"-?(0|[1-9][0-9]{0,40})(/[1-9][0-9]{0,40})?")
_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,40})")


def to_json(value: Any) -> Any:
    """Return the JSON value of a dataclass, enum, fraction, money, collection or plain value."""
    kind = type(value)
    if kind is str or kind is bool or value is None:
        return value
    if kind is int:
        if not -INTEGER_MAX <= value <= INTEGER_MAX:
            raise InputError(f"integer {value} is beyond 2^53 - 1", "write it as text")
        return value
    if kind is Money:
        return {"currency": value.currency, "fine": str(value.fine)}
    if _is_dataclass(cast(Any, kind)):
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
    try:
        return cast(T, reader(value))
    except _Wrong as wrong:
        place = (path or cls.__name__) + "".join(reversed(wrong.places))
        raise InputError(f"{place}: {wrong.message}", wrong.remedy, wrong.context) from wrong


class _Wrong(Exception):  # noqa: N818 - it never leaves this module
    """What is wrong with a value; each level on the way out adds its place, so that good values pay nothing."""

    def __init__(self, message: str, remedy: str = "", context: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy
        self.context = context or {}
        self.places: list[str] = []

    def at(self, place: str) -> _Wrong:
        self.places.append(place)
        return self


_MISSING = object()


@cache
def _is_dataclass(kind: Any) -> bool:
    return dataclasses.is_dataclass(kind)


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
        return lambda value: value
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
    def read(value: Any) -> Any:
        if type(value) is not kind:
            raise _Wrong(f"{value!r:.80} is not {kind.__name__}")
        return value

    return read


def _read_union(arguments: tuple[Any, ...]) -> Reader:
    inner = [_reader(argument) for argument in arguments if argument is not type(None)]
    optional = type(None) in arguments

    def read(value: Any) -> Any:
        if value is None and optional:
            return None
        for position, reader in enumerate(inner):
            try:
                return reader(value)
            except _Wrong:
                if position == len(inner) - 1:
                    raise
        raise _Wrong("null is not allowed")

    return read


def _read_tuple(arguments: tuple[Any, ...]) -> Reader:
    if len(arguments) == 2 and arguments[1] is Ellipsis:
        each = _reader(arguments[0])

        def read_many(value: Any) -> Any:
            if type(value) is not list:
                raise _Wrong(f"{value!r:.80} is not a list")
            return tuple(_read_items(value, [each] * len(value)))

        return read_many
    readers = [_reader(argument) for argument in arguments]

    def read_fixed(value: Any) -> Any:
        if type(value) is not list or len(value) != len(readers):
            raise _Wrong(f"{value!r:.80} is not a list of {len(readers)}")
        return tuple(_read_items(value, readers))

    return read_fixed


def _read_items(values: list[Any], readers: list[Reader]) -> list[Any]:
    found = []
    try:
        for reader, value in zip(readers, values, strict=True):
            found.append(reader(value))
    except _Wrong as wrong:
        raise wrong.at(f"[{len(found)}]") from None
    return found


def _read_set(each: Reader) -> Reader:
    def read(value: Any) -> Any:
        if type(value) is not list:
            raise _Wrong(f"{value!r:.80} is not a list")
        found = frozenset([each(item) for item in value])
        if len(found) != len(value):
            raise _Wrong("names something twice")
        return found

    return read


def _read_dict(each: Reader) -> Reader:
    def read(value: Any) -> Any:
        if type(value) is not dict:
            raise _Wrong(f"{value!r:.80} is not an object")
        found = {}
        name = ""
        try:
            for name, item in value.items():
                found[name] = each(item)
        except _Wrong as wrong:
            raise wrong.at(f".{name}") from None
        return found

    return read


def _read_enum(cls: type[Enum]) -> Reader:
    values = {member.value: member for member in cls}

    def read(value: Any) -> Any:
        if type(value) not in (str, int) or value not in values:
            known = ", ".join(str(known) for known in values)
            raise _Wrong(f"{value!r:.80} is not a {cls.__name__}", f"one of {known}")
        return values[value]

    return read


@lru_cache(maxsize=10_000)
def _fraction(text: str) -> Fraction | None:
    return Fraction(text) if _FRACTION.fullmatch(text) and str(Fraction(text)) == text else None


def _read_fraction(value: Any) -> Any:
    found = _fraction(value) if type(value) is str else None
    if found is None:
        raise _Wrong(f"{value!r:.80} is not an exact fraction in lowest terms", 'write "1/3"')
    return found


def _read_money(value: Any) -> Any:
    if type(value) is not dict or set(value) != {"currency", "fine"} or type(value["currency"]) is not str:
        raise _Wrong(f"{value!r:.80} is not money", 'write {"currency": "EUR", "fine": "1000000"}')
    fine = value["fine"]
    if type(fine) is not str or not _INTEGER.fullmatch(fine) or str(int(fine)) != fine:
        raise _Wrong(f"{fine!r:.80} is not a whole number of fine units written as text").at(".fine")
    return _made(Money, {"fine": int(fine), "currency": value["currency"]})


def _read_dataclass(cls: Any) -> Reader:
    hints = typing.get_type_hints(cls)
    readers = {name: _reader(hints[name]) for name, _ in _defaults(cls)}
    needed = {name for name, default in _defaults(cls) if default is _MISSING}

    def read(value: Any) -> Any:
        if type(value) is not dict:
            raise _Wrong(f"{value!r:.80} is not an object")
        found = {}
        name = ""
        try:
            for name, item in value.items():
                found[name] = readers[name](item)
        except KeyError:
            raise _Wrong("unknown field", f"fields are {', '.join(sorted(readers))}").at(f".{name}") from None
        except _Wrong as wrong:
            raise wrong.at(f".{name}") from None
        if not needed <= found.keys():
            raise _Wrong(f"missing {', '.join(sorted(needed - found.keys()))}")
        return _made(cls, found)

    return read


def _made(cls: Any, fields: dict[str, Any]) -> Any:
    """Return the object; what its constructor refuses is wrong at this place."""
    try:
        return cls(**fields)
    except InputError as error:
        raise _Wrong(error.message, error.remedy, error.context) from error
