"""Files of the trade whatever they are: which kind a file is, and how one of that kind is read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import StrEnum
from functools import partial
from io import BytesIO
from typing import Any, Final

from cantoria.app.delivery import Entries, Messages, Reading
from cantoria.app.ports import Author
from cantoria.formats import bwarm, csvfamily, cwr, ddex_credits, musicbrainz, worklist, youtube
from cantoria.formats import sheet as sheets
from cantoria.formats.entries import Entry, Party
from cantoria.formats.limits import SHEET, SheetLimits
from cantoria.kernel.errors import InputError
from cantoria.registry.types import PartyKind

LOOKED_AT_BYTES: Final = 65_536
_ROOT: Final = re.compile(rb"<(?![?!])(?:[\w.-]+:)?([\w.-]+)")
_ERN_ROOTS: Final = (b"NewReleaseMessage", b"PurgeReleaseMessage", b"CatalogListMessage")
_CREDITS_ROOTS: Final = (b"MeadMessage", b"PieMessage", b"RecordingInformationNotification")
_WORKBOOKS: Final = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")


class Form(StrEnum):
    """What a file is."""

    CWR = "cwr"
    ERN = "ern"
    CREDITS = "credits"
    MUSICBRAINZ = "musicbrainz"
    CSV = "csv"  # a table of our own family
    YOUTUBE = "youtube"
    WORKLIST = "worklist"
    BWARM = "bwarm"
    SHEET = "sheet"  # somebody else's table, by a mapping that is proposed


def detect(data: bytes, *, name: str, limits: SheetLimits = SHEET) -> Form:
    """Return what a file most likely is, by what stands in it; its name only tells tables of one set apart.

    Raises `InputError` for a file that is empty or of no kind that is read.
    """
    if not data:
        raise InputError(f"{name[:80]} is empty", "check the file")
    head = data[:LOOKED_AT_BYTES].removeprefix(b"\xef\xbb\xbf").lstrip()
    if head.startswith(b"HDR"):
        return Form.CWR
    if head.startswith(b"<"):
        return _xml(head, name)
    if head[:1] in (b"{", b"["):
        return Form.MUSICBRAINZ
    if not data.startswith(_WORKBOOKS) and b"\0" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise InputError(f"{name[:80]} is no text, no XML and no workbook", "unpack it, or export it as CSV or XLSX")
    if _of_family(head, name):
        return Form.CSV
    if name.lower().endswith((".tsv", ".txt", ".tsv.gz")) and bwarm.table_of(name) is not None:
        return Form.BWARM
    return _table(data, name, limits)


def entries_of(
    form: Form, *, owner: str = "", parameters: Mapping[str, Any] | None = None, limits: SheetLimits = SHEET
) -> Callable[..., Any]:
    """Return the reader of a format that gives entries: `read(stream, file=…)`. `owner` is the party whose report a
    YouTube report is. ERN and our own tables have none: they are read in a context."""
    given = parameters or {}
    readers: dict[Form, Callable[..., Iterable[Entry]]] = {
        Form.CWR: cwr.read,
        Form.CREDITS: ddex_credits.read,
        Form.MUSICBRAINZ: partial(musicbrainz.read, kind=str(given.get("records", ""))),
        Form.WORKLIST: partial(worklist.read, sheet=str(given.get("sheet", "")), limits=limits),
        Form.BWARM: partial(bwarm.read, feed=str(given.get("feed", ""))),
        Form.SHEET: partial(_mapped, mapping=given.get("mapping"), limits=limits),
    }
    if form is Form.YOUTUBE:
        whose = Party(key=owner, kind=PartyKind.ORGANISATION) if owner else youtube.reading.OWNER
        return partial(youtube.read, owner=whose, limits=limits)
    if form not in readers:
        raise InputError(f"{form} is not read entry by entry", "read it in a context")
    return readers[form]


def reading_of(form: Form, *, author: Author, parameters: Mapping[str, Any] | None = None) -> Reading:
    """Return how a file of this form is taken in by `app.delivery.deliver`; our own tables are not taken in so."""
    if form is Form.ERN:
        return Messages()
    names = {Form.CWR: cwr, Form.CREDITS: ddex_credits, Form.MUSICBRAINZ: musicbrainz, Form.WORKLIST: worklist}
    names |= {Form.BWARM: bwarm, Form.SHEET: sheets, Form.YOUTUBE: youtube}
    return Entries(names[form].FORMAT, entries_of(form, owner=author.party, parameters=parameters))


def _mapped(stream: Any, *, file: str, mapping: Any = None, limits: SheetLimits = SHEET) -> Iterator[Entry]:
    """Give the entries of a table by the mapping that was kept, else by the one that it suggests itself."""
    if mapping:
        form = sheets.from_json(mapping)
    else:
        form, _ = sheets.suggest_for(stream, file=file, limits=limits)
        stream.seek(0)
    yield from sheets.read(stream, file=file, mapping=form, limits=limits)


def _xml(head: bytes, name: str) -> Form:
    found = _ROOT.search(head)
    root = found[1] if found else b""
    if root in _ERN_ROOTS:
        return Form.ERN
    if root in _CREDITS_ROOTS:
        return Form.CREDITS
    if root == b"metadata":
        return Form.MUSICBRAINZ
    told = root.decode("ascii", "replace")[:60] or "nothing that can be read"
    raise InputError(
        f"{name[:80]} is XML whose root is {told}",
        "send DDEX ERN, MEAD, PIE or RIN, or a MusicBrainz document",
    )


def _of_family(head: bytes, name: str) -> bool:
    """Tell whether a file is named after a table of our own and has that table's columns."""
    try:
        table = csvfamily.table_of(name) if name.lower().endswith(".csv") else None
        first = head.split(b"\n", 1)[0].decode("utf-8")
    except (InputError, UnicodeDecodeError):
        return False
    if table is None or table.name not in {one.name for one in csvfamily.FACT_TABLES}:
        return False
    headings = {cell.strip().strip('"').lower() for cell in first.split(",")}
    return all(column.name in headings for column in table.columns if column.required)


def _table(data: bytes, name: str, limits: SheetLimits) -> Form:
    for form in (Form.YOUTUBE, Form.WORKLIST):
        try:
            next(iter(entries_of(form, limits=limits)(BytesIO(data), file=name)), None)
        except InputError:
            continue
        return form
    sheets.suggest_for(BytesIO(data), file=name, limits=limits)
    return Form.SHEET
