"""Read a table of members: CSV of any dialect or a workbook, with headings in English, Korean or Spanish."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import BinaryIO, Final

from cantoria import codes
from cantoria.app.members.types import MemberRow
from cantoria.formats.sheet import open_table
from cantoria.formats.sheet.fields import plain
from cantoria.formats.sheet.rows import Broken, Row
from cantoria.formats.types import Finding, Severity
from cantoria.kernel.errors import InputError

ROWS_MAX: Final = 50_000
NAME_CHARS_MAX: Final = 200
EMAIL_CHARS_MAX: Final = 254
_HEADER_ROWS: Final = 15
# What a column may be called; compared without spaces, signs and capitals.
HEADINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "key": ("member", "member number", "member no", "member id", "회원번호", "número de socio", "socio", "party"),
    "name": ("name", "full name", "이름", "성명", "회원명", "nombre", "nombre completo"),
    "other_names": ("other names", "other name", "name in other script", "영문명", "다른 이름", "otros nombres"),
    "email": ("email", "e-mail", "email address", "이메일", "전자우편", "correo", "correo electrónico"),
    "kind": ("kind", "type", "종류", "tipo"),
    "ipi_name": ("ipi", "ipi name", "ipi name number", "ipi_name", "ipi number"),
    "ipi_base": ("ipi base", "ipi base number", "ipi_base"),
    "isni": ("isni",),
    "ipn": ("ipn",),
}
_CODES: Final = ("ipi_name", "ipi_base", "isni", "ipn")
_KINDS: Final = {"": "person", "person": "person", "group": "group", "organisation": "organisation"}
# One address as people write it, in ASCII or not: RFC 5321 leaves it to the receiver whether it exists.
_PART: Final = r"[^\s@<>\",;:\\()\[\]]"
_EMAIL: Final = re.compile(rf"{_PART}{{1,64}}@{_PART}{{1,185}}\.[^\W\d_]{{2,63}}")
_KEY: Final = re.compile(r"[\w./-]{1,60}")


@dataclass(slots=True)
class Reader:
    """Reads one table. `findings` and `refused` grow while the rows are taken."""

    file: str
    upload: str  # names rows without a number of their own
    findings: list[Finding] = field(default_factory=list)
    received: int = 0
    refused: int = 0
    _columns: dict[str, int] = field(default_factory=dict)
    _seen: dict[tuple[str, str], int] = field(default_factory=dict)

    def rows(self, stream: BinaryIO) -> Iterator[MemberRow]:
        """Give the members of a table; a row that cannot be used is a finding. Raises `InputError` for a file that is
        no table, has no column of names, or has more than 50,000 rows."""
        table = open_table(stream, file=self.file).rows
        for row in self._below(table):
            self.received += 1
            if self.received > ROWS_MAX:
                raise InputError(f"{self.file} has more than {ROWS_MAX} members", "split the file")
            made = self._member(row)
            if made is None:
                self.refused += 1
            else:
                yield made

    def refuse(self, line: int, name: str, value: str, message: str, remedy: str) -> None:
        """Count a row that was read well as refused after all, for a reason that the table alone does not show."""
        self.refused += 1
        self._refuse(line, name, value, message, remedy)

    def _below(self, table: Iterator[Row | Broken]) -> Iterator[Row | Broken]:
        known = {plain(text): name for name, texts in HEADINGS.items() for text in texts}
        for number, row in enumerate(table):
            if isinstance(row, Row):
                named = [(known[plain(cell)], place) for place, cell in enumerate(row.cells) if plain(cell) in known]
                if any(name == "name" for name, _ in named):
                    self._columns = dict(reversed(named))
                    yield from table
                    return
            if number >= _HEADER_ROWS:
                break
        raise InputError(f"{self.file} has no column of names", "give it a heading line: name, email, ipi_name …")

    def _member(self, row: Row | Broken) -> MemberRow | None:
        if isinstance(row, Broken):
            self._refuse(row.line, "", "", row.why, "correct the row and send it again")
            return None
        cells = {name: row.cells[place] for name, place in self._columns.items() if place < len(row.cells)}
        before = len(self.findings)
        name, email = cells.get("name", ""), cells.get("email", "").strip().lower()
        if not name or len(name) > NAME_CHARS_MAX:
            self._refuse(row.line, "name", name, "a member has a name of up to 200 characters", "write the name")
        if email and (len(email) > EMAIL_CHARS_MAX or not _EMAIL.fullmatch(email)):
            self._refuse(row.line, "email", email, "this is no address of mail", "write one, or leave it out")
        kind = _KINDS.get(cells.get("kind", "").strip().lower(), "")
        if not kind:
            self._refuse(row.line, "kind", cells["kind"], "no such kind", "write person, group or organisation")
        key = cells.get("key", "")
        if key and not _KEY.fullmatch(key):
            self._refuse(row.line, "key", key, "a number of a member has letters, digits, . / - or _", "correct it")
        found = tuple(self._code(row.line, scheme, cells.get(scheme, "")) for scheme in _CODES)
        self._once(row.line, [("email", email), ("key", key), *((one[0], one[1]) for one in found if one)])
        if not email:
            self._note(row.line, "email", "", "without an address no invitation can be sent", "add it, or hand it over")
        if any(one.severity is Severity.ERROR for one in self.findings[before:]):
            return None
        others = tuple(part.strip() for part in cells.get("other_names", "").split("|") if part.strip())
        return MemberRow(
            line=row.line,
            key=key or f"{self.upload[-10:]}-{row.line}",
            name=name,
            other_names=others[:10],
            kind=kind,
            codes=tuple(one for one in found if one),
            email=email,
        )

    def _code(self, line: int, scheme: str, text: str) -> tuple[str, str] | None:
        if not text:
            return None
        try:
            found = codes.check(scheme, text)
        except InputError as error:
            self._refuse(line, scheme, text, error.message, error.remedy)
            return None
        if found.warning:
            self._note(line, scheme, text, found.warning, "compare it with the source")
        return scheme, found.value

    def _once(self, line: int, named: list[tuple[str, str]]) -> None:
        for name, text in named:
            first = self._seen.setdefault((name, text), line) if text else line
            if first != line:
                self._refuse(line, name, text, f"line {first} has the same", "keep one row for each member")

    def _refuse(self, line: int, name: str, value: str, message: str, remedy: str) -> None:
        self._add(line, name, value, message, remedy, Severity.ERROR)

    def _note(self, line: int, name: str, value: str, message: str, remedy: str) -> None:
        self._add(line, name, value, message, remedy, Severity.WARNING)

    def _add(self, line: int, name: str, value: str, message: str, remedy: str, severity: Severity) -> None:
        self.findings.append(
            Finding(
                file=self.file,
                line=line,
                column=self._columns.get(name, -1) + 1,
                field=name,
                value="" if name == "email" else value[:100],  # findings are kept longer than the table
                message=message,
                remedy=remedy,
                severity=severity,
            )
        )
