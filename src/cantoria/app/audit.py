"""The audit log of the portal: who did what through which door, and a small language to ask it.

The ledger says what was decided; this log says which account did it. It is kept beside the house, never on the ledger.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from cantoria.kernel.errors import InputError
from cantoria.kernel.periods import parse_moment

FIELDS: Final = ("actor", "action", "target", "outcome", "role", "since", "until")
QUERY_CHARS_MAX: Final = 500
TERMS_MAX: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """One row: an account of an organisation did something, or was refused it.

    `action` is what was asked for (`decide`, `jobs.cancel`), `said` what came of it in the portal's own words
    (`decision_recorded`). `targets` are ids. `first_entry` and `last_entry` are ledger indices, None where nothing was
    recorded. `place` is the class of the address that it came from, never the address.
    """

    organisation: str
    account: str
    action: str
    outcome: str  # done, refused or failed
    name: str = ""
    role: str = ""
    key: str = ""
    said: str = ""
    targets: tuple[str, ...] = ()
    status: int = 0
    first_entry: int | None = None
    last_entry: int | None = None
    place: str = ""
    at: int = 0
    number: int = 0  # its place in the log, set by the log


@dataclass(frozen=True, slots=True)
class Question:
    """What rows are asked for: each field's texts (any of them may fit), and the moments between which they happened.
    A text with `*` at its end fits what begins so."""

    terms: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    since: int | None = None
    until: int | None = None


class AuditLog(Protocol):
    """Keeps deeds durably; nothing in it is ever changed or removed."""

    def add(self, deed: Deed) -> None:
        """Keep a row; it is on disk on return."""
        ...

    def found(self, organisation: str, question: Question, *, before: int = 0, limit: int = 50) -> list[Deed]:
        """Return the rows of an organisation that fit, the newest first, those before the row `before`."""
        ...


class Misread(InputError):  # noqa: N818 - a word for what happened to the question
    """A question that cannot be read: `code` says why, `part` which part of it."""

    def __init__(self, code: str, part: str) -> None:
        super().__init__(f"{part!r:.80} cannot be asked: {code}", "write FIELD:TEXT with one of " + ", ".join(FIELDS))
        self.code, self.part = code, part[:80]


def parse(text: str) -> Question:
    """Return the question in `actor:alice action:decide target:recording_… since:2026-11-01`; several texts of one
    field are alternatives. Raises `Misread`."""
    if len(text) > QUERY_CHARS_MAX:
        raise Misread("too_long", text)
    try:
        parts = shlex.split(text)
    except ValueError as error:
        raise Misread("open_quote", text) from error
    if len(parts) > TERMS_MAX:
        raise Misread("too_long", text)
    terms: dict[str, tuple[str, ...]] = {}
    moments: dict[str, int] = {}
    for part in parts:
        name, colon, value = part.partition(":")
        if not colon:
            raise Misread("no_field", part)
        if name not in FIELDS:
            raise Misread("unknown_field", part)
        if not value:
            raise Misread("no_text", part)
        if name in ("since", "until"):
            moments[name] = _moment(part, value)
        else:
            terms[name] = (*terms.get(name, ()), value)
    return Question(terms, moments.get("since"), moments.get("until"))


def deed_value(deed: Deed) -> dict[str, Any]:
    """Return a row as JSON."""
    return {
        "number": deed.number,
        "at": deed.at,
        "account": deed.account,
        "name": deed.name,
        "role": deed.role,
        "key": deed.key,
        "action": deed.action,
        "said": deed.said,
        "targets": list(deed.targets),
        "outcome": deed.outcome,
        "status": deed.status,
        "first_entry": deed.first_entry,
        "last_entry": deed.last_entry,
        "place": deed.place,
    }


def _moment(part: str, value: str) -> int:
    try:
        return parse_moment(value)
    except InputError as error:
        raise Misread("no_day", part) from error
