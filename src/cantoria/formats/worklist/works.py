"""One work of a list: what its rows say, put together and checked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from typing import Final

from anyascii import anyascii
from rapidfuzz import fuzz

from cantoria import codes
from cantoria.codes import Scheme
from cantoria.formats.entries.types import Code, Name, Party, Recording, Share, Title, Work
from cantoria.formats.sheet.komca import AUTHORS, WORKS, komca_code
from cantoria.formats.sheet.opening import Notes
from cantoria.formats.sheet.roles import roles_of
from cantoria.formats.types import Severity
from cantoria.kernel.errors import InputError
from cantoria.registry.trade_facts import TitleKind
from cantoria.registry.types import PartyKind, Right, Role

_TOLERANCE: Final = Fraction(6, 10_000)  # 0.06 %, as between societies (CWR)
_KOMCA: Final = re.compile(r"[0-9]{12}")
_PERCENT: Final = re.compile(r"([0-9]{1,3})(?:\.([0-9]{1,12}))? ?%?")
_FRACTION: Final = re.compile(r"([0-9]{1,6}) ?/ ?([0-9]{1,6})")
_NAMES: Final = re.compile(r"[,;/、，]")
_ROMANISED_PERCENT: Final = 75
_KEY_CHARS_MAX: Final = 128
RIGHTS: Final = (("performing", Right.PERFORMING), ("mechanical", Right.MECHANICAL))


@dataclass(frozen=True, slots=True)
class Holder:
    """A right holder as the list names it: cells by field, and the line where it stands."""

    line: int
    cells: dict[str, str]
    role: Role | None = None


@dataclass(slots=True)
class Draft:
    """What was read of a work so far: its cells by field, its holders, and the line where it begins."""

    line: int
    cells: dict[str, str]
    holders: list[Holder] = field(default_factory=list)

    def content(self) -> int:
        """Return what tells whether another draft says the same."""
        held = tuple((holder.role, *sorted(holder.cells.items())) for holder in self.holders)
        return hash((tuple(sorted(self.cells.items())), held))


@dataclass(frozen=True, slots=True)
class Made:
    """A work with the parties and recordings that its rows name."""

    work: Work
    parties: tuple[Party, ...]
    recordings: tuple[Recording, ...]


def make(draft: Draft, notes: Notes) -> Made | None:
    """Return the work of a draft, None when nothing tells which work it is; what is odd goes to `notes`."""
    found = tuple(_codes(draft, notes))
    key = draft.cells.get("key", "")
    missing = "code" if not key and not found else "title" if not draft.cells.get("title") else ""
    if missing:
        remedy = "fill in 저작물코드 (12 digits) or an ISWC" if missing == "code" else "fill in 저작물명"
        value = draft.cells.get(missing, "")
        message = f"the work has no {missing}"
        notes.add(draft.line, message, remedy, field=missing, value=value, severity=Severity.ERROR)
        return None
    local = (key or found[0][1].rpartition(":")[2])[:60]
    parties: dict[str, Party] = {}
    shares = tuple(_shares(draft, local, parties=parties, notes=notes))
    work = Work(key=key, title=draft.cells["title"], titles=_titles(draft), codes=found, shares=shares)
    reference = key or ":".join(found[0])
    return Made(work, tuple(parties.values()), tuple(_recordings(draft, reference, notes)))


def _codes(draft: Draft, notes: Notes) -> Iterator[Code]:
    sent = draft.cells.get("code", "")
    code = komca_code(sent)
    if sent and not code:
        notes.add(draft.line, "this is no KOMCA code; it is left out", "it has 12 digits", field="code", value=sent)
    elif sent and not _KOMCA.fullmatch(sent.replace("-", "").replace(" ", "")):
        remedy = "keep codes as text in the spreadsheet"
        notes.add(
            draft.line, f"the code has fewer than 12 digits; it is read as {code}", remedy, field="code", value=sent
        )
    if code:
        yield Scheme.OWN.value, f"{WORKS}:{code}"
    yield from _checked(draft, Scheme.ISWC, notes)


def _checked(draft: Draft, scheme: Scheme, notes: Notes) -> Iterator[Code]:
    sent = draft.cells.get(scheme.value, "")
    if not sent:
        return
    try:
        yield scheme.value, codes.check(scheme, sent).value
    except InputError as error:
        message = f"{error.message}; it is left out"
        notes.add(draft.line, message, error.remedy, field=scheme.value, value=sent)


def _titles(draft: Draft) -> tuple[Title, ...]:
    english, title = draft.cells.get("english", ""), draft.cells["title"]
    if not english or english == title:
        return ()
    kind = TitleKind.TRANSCRIBED if _romanised(title, english) else TitleKind.TRANSLATED
    return (Title(text=english, kind=kind, language="" if kind is TitleKind.TRANSCRIBED else "en"),)


def _romanised(title: str, english: str) -> bool:
    """Tell whether the English title spells the sounds of the Korean one."""
    if title.isascii():
        return False
    spelt, sent = (re.sub(r"[^a-z0-9]", "", text.lower()) for text in (anyascii(title), anyascii(english)))
    return fuzz.ratio(spelt, sent) >= _ROMANISED_PERCENT


def _recordings(draft: Draft, work: str, notes: Notes) -> Iterator[Recording]:
    found = (*_checked(draft, Scheme.ISRC, notes), *_checked(draft, Scheme.UCI, notes))
    if found:
        artist = draft.cells.get("artist", "")
        yield Recording(title=draft.cells["title"], artist=artist, codes=found, works=(work,), mentioned=True)


def _shares(draft: Draft, local: str, *, parties: dict[str, Party], notes: Notes) -> Iterator[Share]:
    read = [(holder, _fractions(holder, notes)) for holder in draft.holders]
    scale = _scale(read)
    if scale != 1:
        remedy = "write 50 for a half, to leave no doubt"
        notes.add(draft.line, "the shares add up to 1: they are read as parts of one, not percent", remedy)
    for holder, given in read:
        roles = (holder.role,) if holder.role else roles_of(holder.cells.get("role", ""))
        named = [name.strip() for name in _NAMES.split(holder.cells.get("name", "")) if name.strip()]
        code = holder.cells.get("holder", "") or holder.cells.get("ipi", "")
        if not roles or not (named or code):
            what = "no role that is known" if not roles else "no name and no code"
            shown = holder.cells.get("role", "")
            notes.add(holder.line, f"the holder has {what}; it is left out", "fill it in", field="role", value=shown)
            continue
        several = len(named) > 1 and not code
        if several and given:
            message = f"{len(named)} holders share one percentage; their shares are not registered"
            notes.add(holder.line, message, "give each its own row", field="name", value=holder.cells["name"])
        for name in named if several else [holder.cells.get("name", "")]:
            party = _party(holder, name, local, publisher=Role.PUBLISHER in roles, notes=notes)
            reference = party.key or ":".join(party.codes[0])
            parties.setdefault(reference, party)
            yield from _claims(reference, roles, {} if several else given, scale)
    _check_totals(draft, read, scale, notes)


def _claims(party: str, roles: tuple[Role, ...], given: dict[Right, Fraction], scale: int) -> Iterator[Share]:
    for right, share in given.items():
        yield Share(party=party, role=roles[0], right=right, share=share * scale if scale != 1 else share)
    for role in roles if not given else roles[1:]:
        yield Share(party=party, role=role)


def _party(holder: Holder, name: str, local: str, *, publisher: bool, notes: Notes) -> Party:
    """Return the party: by its code; without one it is known in this work alone, because names are shared."""
    found: list[Code] = []
    code, ipi = holder.cells.get("holder", ""), holder.cells.get("ipi", "")
    if code and len(code) <= 40 and code.isprintable():
        found.append((Scheme.OWN.value, f"{AUTHORS}:{code}"))
    if ipi:
        try:
            found.append((Scheme.IPI_NAME.value, codes.check(Scheme.IPI_NAME, ipi).value))
        except InputError as error:
            message = f"{error.message}; it is left out"
            notes.add(holder.line, message, error.remedy, field="ipi", value=ipi)
    return Party(
        key="" if found else f"{local}/{name}"[:_KEY_CHARS_MAX].strip(),
        names=(Name(name),) if name else (),
        kind=PartyKind.ORGANISATION if publisher else PartyKind.PERSON,
        codes=tuple(found),
    )


def _fractions(holder: Holder, notes: Notes) -> dict[Right, Fraction]:
    """Return the shares of a row by right, as parts of the whole; what is none becomes a finding."""
    found = {}
    for name, right in RIGHTS:
        text = holder.cells.get(name) or holder.cells.get("share", "")
        if not text:
            continue
        share = share_of(text)
        if share is None:
            message = "the share is not between 0 and 100 percent; the role alone is registered"
            notes.add(holder.line, message, "write 33.33 (percent) or 1/3", field=name, value=text)
            continue
        found[right] = share
    return found


@lru_cache(maxsize=16384)
def share_of(text: str) -> Fraction | None:
    """Return the share that a cell says (percent, or an exact fraction), None where it is none."""
    percent = _PERCENT.fullmatch(text)
    if percent is not None:
        digits = percent[2] or ""
        share = Fraction(int(percent[1] + digits), 100 * 10 ** len(digits))
        return share if share <= 1 else None
    fraction = _FRACTION.fullmatch(text)
    if fraction is None or not int(fraction[2]) or int(fraction[1]) > int(fraction[2]):
        return None
    return Fraction(int(fraction[1]), int(fraction[2]))


def _totals(read: list[tuple[Holder, dict[Right, Fraction]]]) -> dict[Right, Fraction]:
    totals: dict[Right, Fraction] = {}
    for _, given in read:
        for right, share in given.items():
            totals[right] = totals.get(right, Fraction(0)) + share
    return totals


def _scale(read: list[tuple[Holder, dict[Right, Fraction]]]) -> int:
    """Return 100 where every total is 1 percent: a spreadsheet that shows 50 % keeps 0.5."""
    totals = [total for total in _totals(read).values() if total]
    return 100 if totals and all(abs(total * 100 - 1) <= _TOLERANCE for total in totals) else 1


def _check_totals(draft: Draft, read: list[tuple[Holder, dict[Right, Fraction]]], scale: int, notes: Notes) -> None:
    for right, total in _totals(read).items():
        whole = total * scale
        if whole and abs(whole - 1) > _TOLERANCE:
            shown = f"{float(whole * 100):.4f}".rstrip("0").rstrip(".")
            message = f"the {right.value} shares add up to {shown} %, not 100 %"
            remedy = "correct the shares, or name who is missing"
            notes.add(draft.line, message, remedy, field=right.value, value=shown)
