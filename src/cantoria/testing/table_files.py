"""Tables as the trade sends them, made anew from a seed: YouTube reports, Korean work lists, catalogues, and hostile
ones. What they hold is told with them, so that tests know what must come out."""

from __future__ import annotations

import csv
import io
import random
import struct
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass


def _listed(text: str) -> list[str]:
    return text.split(",")


ASSETS_A3 = _listed(
    "asset_id,custom_id,constituent_asset_id,active_reference_id,inactive_reference_id,approx_daily_views,"
    "approx_daily_engaged_views,sr_approx_daily_engaged_views,asset_type,asset_title,artist,asset_labels,"
    "metadata_origination,season,episode_title,tms,active_claims,match_policy,is_merged,conflicting_owner,ownership,"
    "conflicting_country_code,display_isrc,your_isrc,other_isrc,iswc"
)
CONFLICTS_A3 = [
    *ASSETS_A3,
    *_listed(
        "conflicting_owner_isrc,conflicting_owner_asset_title,conflicting_owner_artist,engaged_views_in_conflict,"
        "lifetime_views_in_conflict,ownership_last_updated,ownership_origination,other_ownership,"
        "other_ownership_last_updated,other_ownership_origination"
    ),
]
CLAIMS_A1 = _listed(
    "claim_id,channel_id,asset_id,video_id,reference_id,reference_video_id,claim_policy_id,asset_policy_id,custom_id,"
    "claim_status,claim_status_detail,claim_origin,claim_type,uploader,channel_display_name,video_privacy_status,views,"
    "matching_duration,longest_match,content_type,claim_created_date,video_upload_date,video_duration_sec,asset_title,"
    "asset_labels,release_date,hfa_song_code,isrc,grid,artist,album,record_label,upc,iswc,writers"
)
REVENUE = _listed(
    "Adjustment Type,Country,Day,Video ID,Asset ID,Asset Title,Asset Type,Custom ID,ISRC,Owned Views,Monetized Views,"
    "YouTube Revenue Split,Partner Revenue"
)
WORK_LIST = _listed("저작물코드,저작물명,영문명,가수명,공표일자,ISWC,구분,저작자명,저작자코드,공연권(%),복제권(%)")
_SURNAMES = _listed("김,이,박,최,정,강,조,윤,장,임")
_GIVEN = _listed("민지,서준,하은,도윤,지우,예준,수아,시우,지호,서연")
_TITLES = _listed("봄비,첫눈,바다,그대,밤하늘,별빛,소나기,가을,너에게,기억")
_ENGLISH = _listed("Bombi,First Snow,Sea,Geudae,Night Sky,Starlight,Sonagi,Autumn,To You,Memory")


@dataclass(frozen=True, slots=True)
class Made:
    """A file, and how many records of it should be registered, refused, duplicates and passed over."""

    data: bytes
    registered: int
    refused: int = 0
    duplicate: int = 0
    passed_over: int = 0


def as_csv(rows: Sequence[Sequence[object]], *, encoding: str = "utf-8", separator: str = ",") -> bytes:
    """Return rows as CSV."""
    text = io.StringIO()
    csv.writer(text, delimiter=separator).writerows(rows)
    return text.getvalue().encode(encoding)


def as_xlsx(rows: Sequence[Sequence[object]], *, merged: Sequence[str] = (), sheet: str = "List") -> bytes:
    """Return rows as a workbook with one sheet; `merged` are ranges of cells that are one."""
    import openpyxl

    book = openpyxl.Workbook()
    page = book.worksheets[0]
    page.title = sheet
    for row in rows:
        page.append(list(row))
    for cells in merged:
        page.merge_cells(cells)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def asset_id(number: int) -> str:
    """Return the asset id with this number."""
    return f"A{number:015d}"


def isrc(number: int) -> str:
    """Return an ISRC with this number."""
    return f"KRA38{19 + number // 100_000 % 10:02d}{number % 100_000:05d}"


def assets(count: int, *, seed: int = 1) -> Made:
    """Return an asset report (a3) with `count` assets: recordings and works, merged ones, conflicts, films, repeats."""
    dice = random.Random(seed)  # noqa: S311 - test data
    rows: list[list[object]] = [list(ASSETS_A3)]
    tally = {"registered": 0, "duplicate": 0, "passed_over": 0}
    for number in range(count):
        kind = dice.choice(
            ["sound_recording", "sound_recording", "music_video", "art_track_video", "composition", "web"]
        )
        row = dict.fromkeys(ASSETS_A3, "")
        row |= {
            "asset_id": asset_id(number),
            "custom_id": f"C-{number}" if dice.random() < 0.5 else "",
            "active_reference_id": f"r{number}",
            "approx_daily_views": str(dice.randrange(10_000)),
            "asset_type": kind,
            "asset_title": f"{dice.choice(_TITLES)} {number}",
            "is_merged": "No",
            "ownership": dice.choice(["WW", "US|KR|JP", "KR,JP", "WW,-US", ""]),
        }
        if kind == "composition":
            row["ownership"] = dice.choice(["WW:50", "US,KR:50|JP:100", "mechanical=KR:25", ""])
        elif kind != "web":
            row |= {"artist": dice.choice(_GIVEN), "display_isrc": isrc(number), "your_isrc": isrc(number)}
        if dice.random() < 0.1:
            row |= {"is_merged": "Yes", "constituent_asset_id": asset_id(number + 500_000_000)}
        if dice.random() < 0.05:
            row |= {"conflicting_owner": "Other Music", "conflicting_country_code": "US|KR"}
        rows.append([row[name] for name in ASSETS_A3])
        tally["passed_over" if kind == "web" else "registered"] += 1
        if kind != "web" and dice.random() < 0.2:
            rows.append([{**row, "active_reference_id": f"r{number}b"}[name] for name in ASSETS_A3])
            tally["duplicate"] += 1
    return Made(as_csv(rows), tally["registered"], 0, tally["duplicate"], tally["passed_over"])


def work_list(count: int, *, seed: int = 1) -> list[list[object]]:
    """Return the rows of a work list in long form with `count` works whose shares add up: headings first."""
    dice = random.Random(seed)  # noqa: S311 - test data
    rows: list[list[object]] = [list(WORK_LIST)]
    for number in range(count):
        place = number % len(_TITLES)
        head: list[object] = [
            f"{100_000_000_000 + number}",
            f"{_TITLES[place]} {number}",
            f"{_ENGLISH[place]} {number}",
            dice.choice(_GIVEN),
            f"20{dice.randrange(10, 26)}-0{dice.randrange(1, 10)}-11",
            "",
        ]
        for role, performing, mechanical in (("작곡", "50", "41.67"), ("작사", "50", "41.67"), ("출판", "0", "16.66")):
            name = dice.choice(_SURNAMES) + dice.choice(_GIVEN) if role != "출판" else "봄출판사"
            code = f"P{1:04d}" if role == "출판" else f"W{dice.randrange(10_000):04d}"
            rows.append([*head, role, name, code, performing, mechanical])
            head = [""] * 6
    return rows


def bomb(*, bytes_unpacked: int = 1 << 30) -> bytes:
    """Return a workbook of a few kilobytes that unpacks to `bytes_unpacked`."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part:
            piece = b" " * (1 << 20)
            for _ in range(bytes_unpacked >> 20):
                part.write(piece)
    return out.getvalue()


def corners() -> bytes:
    """Return a small workbook with two cells: the first and the last that a sheet can have."""
    rows = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    return workbook_of(_sheet(f"<sheetData>{rows}</sheetData>"))


def entities() -> bytes:
    """Return a workbook whose sheet defines entities within entities."""
    head = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>'
    cell = '<row r="1"><c r="A1" t="str"><v>&c;</v></c></row>'
    return workbook_of(_sheet(f"<sheetData>{cell}</sheetData>", head=head))


def _sheet(data: str, *, head: str = "") -> bytes:
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return f'<?xml version="1.0"?>{head}<worksheet xmlns="{space}">{data}</worksheet>'.encode()


_BOOK = (
    '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
    '<sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>'
)
_LINKS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}" Target="{target}"/>'
    "</Relationships>"
)


def workbook_of(sheet: bytes, *, target: str = "worksheets/sheet1.xml") -> bytes:
    """Return a workbook (.xlsx) whose only sheet is this XML, kept in a part of any name."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("_rels/.rels", _LINKS.format(kind="officeDocument", target="xl/workbook.xml"))
        archive.writestr("xl/workbook.xml", _BOOK)
        archive.writestr("xl/_rels/workbook.xml.rels", _LINKS.format(kind="worksheet", target=target))
        archive.writestr(f"xl/{target}", sheet)
    return out.getvalue()


_MANIFEST = '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'


def document_of(content: bytes) -> bytes:
    """Return an OpenDocument spreadsheet (.ods) with this content."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet", zipfile.ZIP_STORED)
        archive.writestr("content.xml", content)
        archive.writestr("META-INF/manifest.xml", _MANIFEST)
    return out.getvalue()


def document(rows: str) -> bytes:
    """Return an OpenDocument spreadsheet with one table of these rows (XML)."""
    spaces = " ".join(f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("table", "text"))
    office = "urn:oasis:names:tc:opendocument:xmlns:office:1.0"
    return document_of(
        f'<office:document-content xmlns:office="{office}" {spaces}><office:body><office:spreadsheet>'
        f'<table:table table:name="S">{rows}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>".encode()
    )


def as_xls(cells: dict[tuple[int, int], str | float], *, listed: int = 1, astray: int = 0) -> bytes:
    """Return an old workbook (.xls) with these cells at (row, column), 0-based. Its sheet is listed as often as told;
    `astray` moves where the list says that it begins."""
    begin = struct.pack("<HHHHII", 0x0600, 0x0005, 0, 0, 0, 0)
    name = struct.pack("<IBBBB", 0, 0, 0, 1, 0) + b"S"
    start = 4 + len(begin) + listed * (4 + len(name)) + 4
    entry = struct.pack("<I", start + astray) + name[4:]
    book = _record(0x0809, begin) + _record(0x0085, entry) * listed + _record(0x000A)
    book += _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0, 0, 0, 0))
    for (row, column), value in cells.items():
        head = struct.pack("<HHH", row, column, 0)
        if isinstance(value, str):
            text = struct.pack("<HB", len(value), 1) + value.encode("utf-16-le")
            book += _record(0x0204, head + text)
        else:
            book += _record(0x0203, head + struct.pack("<d", value))
    return _compound(book + _record(0x000A))


def _record(kind: int, body: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def _compound(book: bytes) -> bytes:
    """Return a compound file whose only stream is the workbook."""
    book = book.ljust(max(4096, -(-len(book) // 512) * 512), b"\0")
    sectors = len(book) // 512
    table = [0xFFFFFFFD, 0xFFFFFFFE, *range(3, sectors + 2), 0xFFFFFFFE]
    if len(table) > 128:
        raise ValueError("more than one sector of the table is not made here")
    chain = struct.pack("<128I", *table, *[0xFFFFFFFF] * (128 - len(table)))
    root = _entry("Root Entry", kind=5, child=1, start=0xFFFFFFFE, size=0)
    directory = root + _entry("Workbook", kind=2, child=0xFFFFFFFF, start=2, size=len(book))
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 16
    head += struct.pack("<HHHHH6xIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    head += struct.pack("<109I", 0, *[0xFFFFFFFF] * 108)
    return head + chain + directory.ljust(512, b"\0") + book


def _entry(name: str, *, kind: int, child: int, start: int, size: int) -> bytes:
    text = (name + "\0").encode("utf-16-le")
    ends = struct.pack("<III", 0xFFFFFFFF, 0xFFFFFFFF, child)
    return (
        text.ljust(64, b"\0")
        + struct.pack("<HBB", len(text), kind, 1)
        + ends
        + b"\0" * 36
        + struct.pack("<IQ", start, size)
    )
