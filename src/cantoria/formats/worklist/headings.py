"""What the headings of a work list mean: one table of synonyms, and the form of the list that follows from them.

Long form: a row per holder with a role column. Wide form: a row per work, with numbered or named groups of columns
(`작곡자1`, `작곡자1 코드`, `작곡자1 공연권`). Two heading lines (a role over its columns) are read as one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from cantoria.formats.sheet.fields import plain
from cantoria.formats.sheet.roles import ROLE_WORDS
from cantoria.registry.types import Role

WORK: Final = {
    "code": ("저작물코드 저작물번호 저작물관리번호 곡코드 작품코드 협회코드 음저협코드 komca코드 komcacode workcode"),
    "key": "관리번호 자사코드 내부코드 자사관리번호 당사코드 internalcode catalogno",
    "title": (
        "저작물명 저작물제목 저작물명국문 저작물명한글 곡명 곡제목 제목 작품명 노래제목 원제 원제목 "
        "한글명 한글제목 title worktitle"
    ),
    "english": "영문명 영문제목 영문곡명 영어제목 영어명 저작물영문명 저작물명영문 영문저작물명 englishtitle",
    "artist": "가수명 가수 가창자 실연자 실연자명 아티스트 아티스트명 singer artist performer",
    "published": "공표일자 공표일 공표년월일 공표연월일 발표일 발표일자 발매일 발매일자 releasedate",
    "iswc": "iswc iswc코드 iswc번호 국제표준음악저작물코드",
    "isrc": "isrc isrc코드 isrc번호",
    "uci": "uci uci코드",
}
HOLDER: Final = {
    "role": "역할 구분 권리구분 저작자구분 권리자구분 참여구분 저작자역할 권리역할 role",
    "name": "저작자명 저작자 권리자명 권리자 성명 성명명칭 이름 명 작가명 저작권자 저작권자명 name",
    "holder": (
        "저작자코드 저작자번호 권리자코드 권리자번호 작가코드 회원코드 회원번호 코드 번호 authorcode membercode"
    ),
    "ipi": "ipi ipi번호 ipi코드 ipinamenumber ipiname cae",
    "performing": (
        "공연권 공연 공연권지분 공연지분 공연권율 공연권비율 공연권분배율 공연방송 공연방송권 "
        "performing performingshare"
    ),
    "mechanical": (
        "복제권 복제 복제권지분 복제지분 복제권율 복제권비율 복제권분배율 복제배포 mechanical mechanicalshare"
    ),
    "share": "지분 지분율 분배율 비율 share",
}
_WORK: Final = {name: key for key, names in WORK.items() for name in names.split()}
_HOLDER: Final = {name: key for key, names in HOLDER.items() for name in names.split()}
_ANYBODY: Final = dict.fromkeys(
    ["저작자", "저작권자", "권리자", "작가", "holder", "writer"]
)  # headings that name no role
# What a heading begins with where it names a role; the longer first, so that 작곡자 is not read as 작곡 and 자.
_PREFIXES: Final[dict[str, Role | None]] = {
    name: {**ROLE_WORDS, **_ANYBODY}[name]
    for name in sorted((*ROLE_WORDS, *_ANYBODY), key=len, reverse=True)
    if len(name) > 2 or not name.isascii()
}
_NUMBER: Final = re.compile(r"[0-9]{1,2}")
_FEWEST: Final = 3


@dataclass(frozen=True, slots=True)
class Column:
    """What a column holds: a `field` of the work, or of the holder in the group `role`, `number` (None, 0: the row's
    only holder)."""

    field: str
    holder: bool = False
    role: Role | None = None
    number: int = 0


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of a list by their place (0-based)."""

    columns: dict[int, Column]
    headings: tuple[str, ...]
    groups: tuple[tuple[Role | None, int], ...] = field(default=())

    @property
    def wide(self) -> bool:
        """Whether a row holds all holders of a work."""
        return any(group != (None, 0) for group in self.groups)

    @property
    def unread(self) -> tuple[str, ...]:
        """The headings that mean nothing here."""
        return tuple(one for place, one in enumerate(self.headings) if one.strip() and place not in self.columns)

    def places(self) -> dict[str, int]:
        """Return where each field of the work, and each of the first holder, stands (1-based)."""
        return {column.field: place + 1 for place, column in reversed(list(self.columns.items()))}


def meaning(heading: str) -> Column | None:
    """Return what a heading means, None where it is none that is known."""
    name = plain(heading)
    if not name:
        return None
    if name in _WORK:
        return Column(_WORK[name])
    numbered = _NUMBER.search(name)
    number = int(numbered[0]) if numbered else 0
    bare = name[: numbered.start()] + name[numbered.end() :] if numbered else name
    if bare in _HOLDER:
        return Column(_HOLDER[bare], True, None, number)
    for prefix, role in _PREFIXES.items():
        rest = bare.removeprefix(prefix)
        if rest != bare and (not rest or rest in _HOLDER):
            kind = _HOLDER.get(rest, "name")
            return Column(kind, True, role, number) if kind != "role" else None
    return None


def layout(headings: Sequence[str], below: Sequence[str] = ()) -> Layout | None:
    """Return the layout of a list with these headings; with `below`, of both lines read as one. None: no such list."""
    named = _joined(headings, below) if below else tuple(headings)
    columns = {place: column for place, heading in enumerate(named) if (column := meaning(heading)) is not None}
    fields = {column.field for column in columns.values() if not column.holder}
    if len(columns) < _FEWEST or not fields & {"code", "title"} or not fields & {"code", "key", "iswc"}:
        return None
    groups = tuple(dict.fromkeys((column.role, column.number) for column in columns.values() if column.holder))
    return Layout(columns, named, groups)


def _joined(headings: Sequence[str], below: Sequence[str]) -> tuple[str, ...]:
    """Return each heading with the one below it; a heading over several columns stands in the first of them."""
    joined, over = [], ""
    for place in range(max(len(headings), len(below))):
        upper = headings[place] if place < len(headings) else ""
        lower = below[place] if place < len(below) else ""
        over = upper or (over if lower else "")
        joined.append(f"{over} {lower}" if lower else upper)
    return tuple(joined)


def is_heading_line(cells: Sequence[str]) -> bool:
    """Tell whether a line under a heading line names columns, as a second line of headings does."""
    told = [meaning(cell) for cell in cells if cell]
    return len(told) >= 2 and all(column is not None and column.holder for column in told)
