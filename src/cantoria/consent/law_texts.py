"""Two legal documents side by side: what a new version says that the old one did not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cantoria.consent.law import LawDocument
from cantoria.kernel.codec import to_json


def changes(old: LawDocument, new: LawDocument) -> tuple[str, ...]:
    """Return one line for each member that is not the same, `-` what was and `+` what is, by path.

    Verdicts and notes are told apart by their text: one that moved is the same, one reworded is another.
    """
    return tuple(_walk("", to_json(old), to_json(new)))


def _walk(path: str, old: Any, new: Any) -> Iterator[str]:
    if isinstance(old, dict) and isinstance(new, dict):
        for key in sorted(old.keys() | new.keys()):
            yield from _walk(f"{path}.{key}" if path else key, old.get(key), new.get(key))
    elif isinstance(old, list) and isinstance(new, list):
        yield from (f"- {path}: {_text(item)}" for item in old if item not in new)
        yield from (f"+ {path}: {_text(item)}" for item in new if item not in old)
    elif old != new:
        if old is not None:
            yield f"- {path}: {_text(old)}"
        if new is not None:
            yield f"+ {path}: {_text(new)}"


def _text(value: Any) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{key} {_text(item)}" for key, item in value.items())
    if isinstance(value, list):
        return ", ".join(_text(item) for item in value)
    return str(value)
