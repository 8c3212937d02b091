"""Tables of things: parties, works, recordings, releases, catalogues, and the links between codes and things."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from cantoria.formats.csvfamily.cells import Cells, code_key, wrong
from cantoria.formats.csvfamily.desk import STRONG, Desk, Page
from cantoria.formats.types import Severity
from cantoria.kernel.errors import InputError
from cantoria.kernel.facts import Source
from cantoria.kernel.ids import CatalogueId, PartyId, RecordingId, ReleaseId, WorkId
from cantoria.registry.facts import (
    CatalogueDefined,
    PartyKeyRegistered,
    PartyNamed,
    PartyRegistered,
    RecordingRegistered,
    ReleaseRegistered,
    WorkRegistered,
)
from cantoria.registry.types import PartyKind, Relation, Tier, WorkKind

_PARTY_CODES = ("ipi_name", "ipi_base", "ipn", "isni", "dpid", "codes")
_COLUMNS = {
    "party": _PARTY_CODES,
    "work": ("iswc", "codes"),
    "recording": ("isrc", "uci", "youtube_asset", "iscc", "codes"),
    "release": ("gtin", "grid", "codes"),
}
TIERS = {"signal": Tier.SIGNAL, "asserted": Tier.ASSERTED, "documented": Tier.DOCUMENTED, "verified": Tier.VERIFIED}
Build = Callable[[Desk, Page, Cells, str], Iterator[Any]]


def read_things(desk: Desk, page: Page, kind: str, build: Build) -> None:
    """Read a table whose rows each define one thing. All keys are named first, so that rows may refer to later ones."""
    rows = desk.rows(page, key=kind)
    named = [(cells, name) for cells in rows if (name := name_thing(desk, page, cells, kind)) is not None]
    for cells, (thing, keys, fresh) in named:
        key = cells.text(kind)
        try:
            facts = list(build(desk, page, cells, thing))
        except InputError as error:
            desk.refuse(key, cells.record.line)
            page.refuse(cells.record, error)
            continue
        page.facts += facts
        page.facts += code_links(desk, page, cells, kind, thing, keys, fresh=fresh)
        page.registered += 1


def name_thing(desk: Desk, page: Page, cells: Cells, kind: str) -> tuple[str, tuple[str, ...], bool] | None:
    """Give the row's thing its id; return it with its codes and whether its key is new. None when refused."""
    warnings: list[tuple[str, str, str]] = []
    try:
        key = cells.key(kind)
        keys = cells.codes(_COLUMNS[kind], warn=warnings)
        strong = [code for code in keys if code.partition(":")[0] in STRONG[kind]]
        thing, fresh = desk.name(kind, key, strong)
    except InputError as error:
        page.refuse(cells.record, error)
        if cells.text(kind) and error.context.get("field") != kind:
            desk.refuse(cells.text(kind), cells.record.line)
        return None
    for field, value, warning in warnings:
        page.note(cells.record, warning, "check the code", Severity.WARNING, field=field, value=value)
    for code in strong:
        if desk.shared(code, thing):
            scheme, _, value = code.partition(":")
            remedy = "correct the code, or say by a same_as link that both are one"
            page.note(
                cells.record,
                f"another {kind} of this family carries this code; it will name neither",
                remedy,
                Severity.WARNING,
                field=scheme,
                value=value,
            )
    return thing, keys, fresh


def code_links(
    desk: Desk, page: Page, cells: Cells, kind: str, thing: str, keys: tuple[str, ...], *, fresh: bool
) -> Iterator[Any]:
    """Give the links from codes to the thing; codes of parties are identity data and stand with their names."""
    source = page.source(cells.record)
    own = (desk.own(cells.key(kind)),) if fresh else ()
    for code in own + (() if kind == "party" else keys):
        yield desk.link(code, Relation.IDENTIFIES, thing, source=source)


def party(desk: Desk, page: Page, cells: Cells, thing: str) -> Iterator[Any]:
    """Give the facts of a row of parties.csv."""
    who = PartyId(thing)
    kind = cells.choice("kind", PartyKind, PartyKind.PERSON)
    yield PartyRegistered(party=who, kind=kind, reachable=cells.flag("reachable", default=True))
    keys = cells.codes(_PARTY_CODES, warn=[])
    names = tuple(dict.fromkeys(name for name in (cells.text("name"), *cells.listed("other_names")) if name))
    for position, name in enumerate(names or ("",) * bool(keys)):
        first = position == 0
        script = cells.text("script") if first else ""
        yield PartyNamed(party=who, name=name, script=script, codes=keys if first else ())
    key = cells.signing_key("signing_key")
    if key:
        yield PartyKeyRegistered(party=who, key=key)


def work(desk: Desk, page: Page, cells: Cells, thing: str) -> Iterator[Any]:
    """Give the facts of a row of works.csv."""
    kind = cells.choice("kind", WorkKind, WorkKind.ORIGINAL)
    parts = tuple(WorkId(desk.refer("parts", text, "work")) for text in cells.listed("parts"))
    if thing in parts:
        raise wrong("parts", cells.text("parts"), "a work cannot be a part of itself", "name its originals")
    complete = cells.flag("parts_complete", default=True)
    if kind is not WorkKind.ORIGINAL and not parts:
        page.note(
            cells.record,
            f"this {kind.value} names no part, so it cannot be cleared",
            "name its originals or works",
            Severity.WARNING,
            field="parts",
        )
    yield WorkRegistered(
        work=WorkId(thing),
        title=cells.needed("title"),
        kind=kind,
        parts=parts,
        parts_complete=complete,
        source=page.source(cells.record),
    )


def recording(desk: Desk, page: Page, cells: Cells, thing: str) -> Iterator[Any]:
    """Give the facts of a row of recordings.csv."""
    samples = tuple(RecordingId(desk.refer("samples", text, "recording")) for text in cells.listed("samples"))
    if thing in samples:
        raise wrong("samples", cells.text("samples"), "a recording cannot sample itself", "name what it samples")
    works = [desk.refer("works", text, "work") for text in cells.listed("works")]
    source = page.source(cells.record)
    yield RecordingRegistered(
        recording=RecordingId(thing),
        title=cells.needed("title"),
        display_artist=cells.text("artist"),
        duration_ms=cells.number("duration_ms"),
        version=cells.text("version"),
        samples=samples,
        samples_complete=cells.flag("samples_complete", default=True),
        source=source,
    )
    for embodied in works:
        yield desk.link(thing, Relation.EMBODIES, embodied, source=source)


def release(desk: Desk, page: Page, cells: Cells, thing: str) -> Iterator[Any]:
    """Give the facts of a row of releases.csv."""
    cells.needed("recordings")
    listed = [desk.refer("recordings", text, "recording") for text in cells.listed("recordings")]
    yield ReleaseRegistered(
        release=ReleaseId(thing),
        title=cells.needed("title"),
        recordings=tuple(RecordingId(item) for item in listed),
        source=page.source(cells.record),
    )


def read_catalogues(desk: Desk, page: Page) -> None:
    """Read catalogues.csv: one row per member, one fact per catalogue."""
    owners: dict[str, str] = {}
    members: dict[str, dict[str, None]] = {}
    fresh: dict[str, tuple[str, Source]] = {}
    for cells in desk.rows(page):
        try:
            key = cells.key("catalogue")
            owner = desk.refer("owner", cells.needed("owner"), "party")
            member = desk.refer("member", cells.needed("member"), "work", "recording", "release")
            catalogue, new = desk.name("catalogue", key)
            if owners.setdefault(catalogue, owner) != owner:
                raise wrong("owner", cells.text("owner"), "the catalogue has another owner above", "name one owner")
        except InputError as error:
            page.refuse(cells.record, error)
            continue
        if new:
            fresh.setdefault(catalogue, (desk.own(key), page.source(cells.record)))
        members.setdefault(catalogue, {})[member] = None
        page.registered += 1
    for catalogue, held in members.items():
        owner = PartyId(owners[catalogue])
        page.facts.append(CatalogueDefined(catalogue=CatalogueId(catalogue), owner=owner, members=tuple(held)))
        if catalogue in fresh:
            own, source = fresh[catalogue]
            page.facts.append(desk.link(own, Relation.IDENTIFIES, catalogue, source=source))


def read_links(desk: Desk, page: Page) -> None:
    """Read links.csv."""
    for cells in desk.rows(page):
        try:
            page.facts.append(_link(desk, page, cells))
        except InputError as error:
            page.refuse(cells.record, error)
        else:
            page.registered += 1


def _link(desk: Desk, page: Page, cells: Cells) -> Any:
    relation = cells.choice("relation", Relation)
    left, right = cells.needed("left"), cells.needed("right")
    warnings: list[tuple[str, str, str]] = []
    match relation:
        case Relation.IDENTIFIES:
            ends = (
                code_key("left", left, warn=warnings),
                desk.refer("right", right, "work", "recording", "release"),
            )
        case Relation.EMBODIES:
            ends = desk.refer("left", left, "recording"), desk.refer("right", right, "work")
        case Relation.SAME_AS:
            ends = _node(desk, "left", left, warnings), _node(desk, "right", right, warnings)
    if ends[0] == ends[1]:
        raise wrong("right", right, "both ends are the same", "link two different things")
    for field, value, warning in warnings:
        page.note(cells.record, warning, "check the code", Severity.WARNING, field=field, value=value)
    return desk.link(
        ends[0],
        relation,
        ends[1],
        asserted_by=cells.text("asserted_by"),
        tier=read_tier(cells),
        source=page.source(cells.record),
    )


def _node(desk: Desk, field: str, text: str, warnings: list[tuple[str, str, str]]) -> str:
    """Return a node of the code graph: a code as it stands, or the thing that an own key names."""
    if ":" in text:
        return code_key(field, text, warn=warnings)
    return desk.refer(field, text, "work", "recording", "release", "party")


def read_tier(cells: Cells) -> Tier:
    """Return the evidence tier that a row claims; only a decision by somebody else makes it adjudicated."""
    text = cells.text("tier", "documented").lower()
    if text not in TIERS:
        raise wrong("tier", text, "unknown tier", f"use one of {', '.join(TIERS)}")
    return TIERS[text]
