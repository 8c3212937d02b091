"""A compiled request: what every code of a snapshot comes to, in one sorted file that is read in place.

    #cantoria-gate/v1 {"…":…} LF                    canonical JSON: snapshot, request, SHA-256 of the rest and of itself
    isrc:KRA381900123 TAB 768 TAB 0,1,41,768 LF     code, its mark, where it leads: `way,level,subject,mark;…`

Lines ascend by the bytes of the code. A look-up bisects over every line that begins a stretch of 2 KiB, then lets the
C library find the line in it: about a microsecond, and nothing of the file is held in memory but those first codes.
"""

from __future__ import annotations

import hashlib
import mmap
import os
import shutil
import threading
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from cantoria.clearance.point_codes import LeadRow, choose
from cantoria.clearance.resolution_plan import EITHER, FOLLOWS_OTHER
from cantoria.kernel import canonical
from cantoria.kernel.errors import InputError, IntegrityError
from cantoria.sdk.gate.marks import CLEARED, MARK_MAX, NOT_FOUND
from cantoria.sdk.gate.rows import Codes

MAGIC: Final = b"#cantoria-gate/v1 "
HEAD_BYTES_MAX: Final = 1 << 16
STRETCH: Final = 2_048
LOAD_BYTES_MAX: Final = 64 << 20
_CHUNK: Final = 1 << 20


class VerdictTable:
    """The compiled table in the file at `path`, verified whole when it is opened."""

    def __init__(self, path: Path, *, expected: dict[str, Any], digest: str = "") -> None:
        self.path = path
        self._expected = expected
        with path.open("rb") as file:
            line = file.readline(HEAD_BYTES_MAX)
            self._start = len(line)
            self.head = _head(line, path)
            wrong = [name for name, value in expected.items() if self.head.get(name) != value]
            found = hashlib.file_digest(file, "sha256").hexdigest()  # from the head's end on
            if wrong or found != self.head["sha256"] or (digest and self.head["seal"] != digest):
                raise IntegrityError(
                    f"{path.name} is not the table that was compiled ({', '.join(wrong) or 'its bytes differ'})",
                    "delete it: it is compiled anew from the snapshot",
                )
            self.digest = str(self.head["seal"])
            self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        self._firsts, self._places = self._index()
        if any(one >= two for one, two in pairwise(self._firsts)):
            raise IntegrityError(f"the codes in {path.name} do not ascend", "delete it: it is compiled anew")
        self._known: dict[str, int] | None = self._load() if len(self._map) <= LOAD_BYTES_MAX else None

    def __reduce__(self) -> tuple[Any, ...]:
        # Whoever unpickles it looks at the file anew, and takes no other one.
        return _reopened, (str(self.path), self._expected, self.digest)

    def marks(self, rows: Sequence[Codes]) -> list[int]:
        """Return the mark of each row."""
        if self._known is not None:
            known = self._known.get
            return [known(row, NOT_FOUND) if type(row) is str else self._mark(row) for row in rows]
        return [self.mark(row) if type(row) is str else self._mark(row) for row in rows]

    def mark(self, code: str) -> int:
        """Return the mark of a row with this one code."""
        place = self._find(code.encode("utf-8", "surrogatepass"))
        return NOT_FOUND if place < 0 else self._number(place)

    def lines(self) -> memoryview:
        """Return the bytes of all lines, in place."""
        return memoryview(self._map)[self._start :]

    def listing(self) -> Iterator[tuple[str, int]]:
        """Give every code, in order, with its mark."""
        place, end = self._start, len(self._map)
        while place < end:
            stop = self._map.find(b"\n", min(place + _CHUNK, end - 1)) + 1
            for line in self._map[place:stop].split(b"\n")[:-1]:
                code, mark, _ = line.split(b"\t", 2)
                yield code.decode("utf-8", "surrogatepass"), int(mark)
            place = stop

    def _mark(self, row: Codes) -> int:
        """Return the mark of a row that has several codes, weighed as the registry does."""
        if isinstance(row, int):
            return row
        if isinstance(row, str):
            return self.mark(row)
        found = {code: self._leads(code) for code in row}
        # Nearly always each code leads to one thing, undisputed, and all to the same.
        alone = {leads[0] for leads in found.values() if leads}
        plain = all(len(leads) <= 1 for leads in found.values()) and len({lead[2] for lead in alone}) == 1
        if plain and all(lead[0] == EITHER and lead[1] <= FOLLOWS_OTHER for lead in alone):
            return min(lead[3] for lead in alone)
        chosen = choose({code: [LeadRow(*lead[:3]) for lead in leads] for code, leads in found.items()})
        if chosen.outcome:
            return chosen.outcome
        marks = {lead[2]: lead[3] for leads in found.values() for lead in leads}
        return marks.get(chosen.subject, 0)

    def _leads(self, code: str) -> list[tuple[int, int, int, int]]:
        key = code.encode("utf-8", "surrogatepass")
        place = self._find(key)
        if place < 0:
            return []
        end = self._map.find(b"\n", place)
        _, _, text = self._map[place:end].partition(b"\t")
        return [_lead(one) for one in text.split(b";") if one]

    def _find(self, key: bytes) -> int:
        """Return the place right after `key` and its tab, -1 where the key is not here."""
        stretch = bisect_right(self._firsts, key) - 1
        if stretch < 0 or b"\n" in key or b"\t" in key:
            return -1
        start, stop = self._places[stretch], self._places[stretch + 1]
        found = self._map.find(b"\n" + key + b"\t", start - 1, stop)
        return -1 if found < 0 else found + len(key) + 2

    def _number(self, place: int) -> int:
        end = self._map.find(b"\t", place, place + 8)
        mark = int(self._map[place:end])
        return mark if 0 <= mark <= MARK_MAX else 0

    def _index(self) -> tuple[list[bytes], list[int]]:
        """Return the first code of every stretch and where it begins, with the end of the file as the last place."""
        firsts: list[bytes] = []
        places: list[int] = []
        place, end = self._start, len(self._map)
        while place < end:
            firsts.append(self._map[place : self._map.find(b"\t", place)])
            places.append(place)
            newline = self._map.find(b"\n", min(place + STRETCH, end - 1))
            place = end if newline < 0 else newline + 1
        return firsts, [*places, end]

    def _load(self) -> dict[str, int]:
        """Return all codes of a small table with their marks: a dictionary is faster, and takes its memory."""
        return dict(self.listing())

    def __len__(self) -> int:
        return int(self.head["lines"])


def _reopened(path: str, expected: dict[str, Any], digest: str) -> VerdictTable:
    try:
        return VerdictTable(Path(path), expected=expected, digest=digest)
    except OSError as error:
        raise InputError(f"the table of a packed gate is gone: {error}", "open the gate again") from error


def seal_table(body: Path, path: Path, *, about: dict[str, Any]) -> None:
    """Make the table at `path` from the file `body` of sorted lines (`code TAB mark TAB leads LF`), whole and durable.

    Two writers of one path do not mix: each writes its own file, and whichever is moved there last, they are alike.
    """
    partial = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}.partial")
    try:
        with body.open("rb") as made:
            digest = hashlib.file_digest(made, "sha256").hexdigest()
            head = {**about, "bytes": made.tell(), "sha256": digest}
            head["seal"] = _seal(head)
            made.seek(0)
            with partial.open("wb") as file:
                file.write(MAGIC + canonical.encode(head) + b"\n")
                shutil.copyfileobj(made, file, _CHUNK)
                file.flush()
                os.fsync(file.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def _head(line: bytes, path: Path) -> dict[str, Any]:
    if not line.startswith(MAGIC) or not line.endswith(b"\n"):
        raise IntegrityError(f"{path.name} is no compiled table", "delete it: it is compiled anew")
    try:
        head = canonical.decode(line[len(MAGIC) : -1], size_max=HEAD_BYTES_MAX)
    except InputError as error:
        raise IntegrityError(f"{path.name} is no compiled table", "delete it: it is compiled anew") from error
    if not isinstance(head, dict) or head.get("seal") != _seal(head):
        raise IntegrityError(f"{path.name} is no compiled table", "delete it: it is compiled anew")
    return head


def _seal(head: dict[str, Any]) -> str:
    """Return the digest of a head, and by its `sha256` of all that follows it."""
    return hashlib.sha256(canonical.encode({name: item for name, item in head.items() if name != "seal"})).hexdigest()


def _lead(text: bytes) -> tuple[int, int, int, int]:
    way, level, subject, mark = (int(number) for number in text.split(b","))
    return way, level, subject, mark if 0 <= mark <= CLEARED else 0
