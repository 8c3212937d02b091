"""Values of a stranger's JSON by what they should be: whatever is of another type counts as absent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from cantoria.formats.limits import JSON
from cantoria.formats.plain_text import plain

Value = Mapping[str, Any]
EMPTY: Final[Value] = {}


def text(value: Value, name: str) -> str:
    """Return a member that is text, fit for a fact; else nothing."""
    found = value.get(name)
    return plain(found, chars_max=JSON.text_chars_max) if isinstance(found, str) else ""


def member(value: Value, name: str) -> Value:
    """Return a member that is an object, else an empty one."""
    found = value.get(name)
    return found if isinstance(found, dict) else EMPTY


def members(value: Value, name: str) -> list[Value]:
    """Return the objects of a member that is a list, in order."""
    found = value.get(name)
    if not isinstance(found, list):
        return []
    return [item for item in found[: JSON.list_items_max] if isinstance(item, dict)]


def texts(value: Value, name: str) -> list[str]:
    """Return the texts of a member that is a list, in order, each once; objects stand for their `id`."""
    found = value.get(name)
    if not isinstance(found, list):
        return []
    kept: dict[str, None] = {}
    for item in found[: JSON.list_items_max]:
        one = item.get("id") if isinstance(item, dict) else item
        if isinstance(one, str) and (cleaned := plain(one, chars_max=JSON.text_chars_max)):
            kept[cleaned] = None
    return list(kept)


def whole(value: Value, name: str) -> int | None:
    """Return a member that is a whole number from 0 up (or text of digits), else None."""
    found = value.get(name)
    if isinstance(found, str) and found.isascii() and found.isdigit() and len(found) <= 15:
        return int(found)
    if isinstance(found, int) and not isinstance(found, bool) and 0 <= found < 10**15:
        return found
    return None
