"""The audit log in SQLite, to which rows are only added: triggers refuse that one is changed or removed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from cantoria.adapters.sqlite.private_file import PrivateFile
from cantoria.app.audit import Deed, Question

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS deed (
    number INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, organisation TEXT NOT NULL, account TEXT NOT NULL,
    name TEXT NOT NULL, role TEXT NOT NULL, key TEXT NOT NULL, action TEXT NOT NULL, said TEXT NOT NULL,
    targets TEXT NOT NULL, outcome TEXT NOT NULL, status INTEGER NOT NULL, first_entry INTEGER, last_entry INTEGER,
    place TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS deed_of ON deed (organisation, number);
CREATE TRIGGER IF NOT EXISTS deed_stays BEFORE UPDATE ON deed BEGIN SELECT RAISE(ABORT, 'a row stays as it is'); END;
CREATE TRIGGER IF NOT EXISTS deed_is_kept BEFORE DELETE ON deed BEGIN SELECT RAISE(ABORT, 'a row is kept'); END;
"""
_COLUMNS: Final = (
    "at, organisation, account, name, role, key, action, said, targets, outcome, status, first_entry, last_entry, place"
)
_ADD: Final = f"INSERT INTO deed ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608
_FOUND: Final = f"SELECT number, {_COLUMNS} FROM deed WHERE organisation = ? AND number < ?"  # noqa: S608
_LAST: Final = (1 << 63) - 1
# For each field the conditions of which one has to hold; each takes the text as a pattern of GLOB.
_FITS: Final = {
    "actor": ("lower(name) GLOB lower(?)", "account GLOB ?", "key GLOB ?"),
    "action": ("action GLOB ?", "action GLOB ? || '.*'", "replace(said, '_', '.') GLOB replace(?, '_', '.')"),
    "target": ("' ' || targets || ' ' GLOB '* ' || ? || ' *'",),
    "outcome": ("outcome GLOB ?",),
    "role": ("role GLOB ?",),
}


class SqliteAudit:
    """The log in the file at `path` (mode 0600). See `app.audit.AuditLog`."""

    def __init__(self, path: Path) -> None:
        self._file = PrivateFile(
            path,
            schema=_SCHEMA,
            pragmas=("journal_mode = WAL", "synchronous = FULL"),
            what="the audit log",
            remedy="restore it from a copy",
        )

    def add(self, deed: Deed) -> None:
        """Keep a row; it is on disk on return."""
        who = (deed.at, deed.organisation, deed.account, deed.name, deed.role, deed.key)
        what = (deed.action, deed.said, " ".join(deed.targets), deed.outcome, deed.status)
        with self._file.writing() as db:
            db.execute(_ADD, (*who, *what, deed.first_entry, deed.last_entry, deed.place))

    def found(self, organisation: str, question: Question, *, before: int = 0, limit: int = 50) -> list[Deed]:
        """Return the rows of an organisation that fit, the newest first."""
        query, values = [_FOUND], [organisation, before or _LAST]
        for name, text in _conditions(question):
            query.append(name)
            values += text
        query.append("ORDER BY number DESC LIMIT ?")
        return [_deed(row) for row in self._file.rows(" ".join(query), (*values, limit))]

    def close(self) -> None:
        """Release the file."""
        self._file.close()


def _conditions(question: Question) -> Iterator[tuple[str, list[Any]]]:
    for name, texts in sorted(question.terms.items()):
        fits = _FITS[name]
        yield "AND (" + " OR ".join(fits * len(texts)) + ")", [_glob(text) for text in texts for _ in fits]
    if question.since is not None:
        yield "AND at >= ?", [question.since]
    if question.until is not None:
        yield "AND at < ?", [question.until]


def _glob(text: str) -> str:
    """Return a pattern that fits this text alone, or what begins so where it ends in a star."""
    head = text.removesuffix("*")
    plain = "".join(f"[{sign}]" if sign in "*?[" else sign for sign in head)
    return plain + ("*" if text.endswith("*") else "")


def _deed(row: tuple[Any, ...]) -> Deed:
    number, at, organisation, account, name, role, key, action, said, targets, outcome, status, first, last, place = row
    return Deed(
        number=number,
        at=at,
        organisation=organisation,
        account=account,
        name=name,
        role=role,
        key=key,
        action=action,
        said=said,
        targets=tuple(targets.split()),
        outcome=outcome,
        status=status,
        first_entry=first,
        last_entry=last,
        place=place,
    )
