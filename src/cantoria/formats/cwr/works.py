"""Rules for a whole work transaction: who follows whom, and that shares do not exceed the whole.

Ownership adds up to 100 % for each right, or to nothing; collection to at most 100 % in each territory; both give or
take 0.06 %. CISAC CWR19-1070R1 section 4, rules 11 and 14; CWR22-0478 for 3.x, where only collection is told.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Final

from cantoria.formats.cwr.layout import Layout
from cantoria.formats.cwr.records import Level, Record
from cantoria.formats.cwr.report import Report
from cantoria.formats.cwr.territory_shares import RIGHTS, SHARES, TOLERANCE, WHOLE, Collected

PUBLISHERS: Final = frozenset({"SPU", "OPU"})
WRITERS: Final = frozenset({"SWR", "OWR"})
_FOLLOWS: Final = {
    "SPT": frozenset({"SPU"}),
    "OPT": frozenset({"OPU"}),
    "SWT": frozenset({"SWR"}),
    "OWT": frozenset({"OWR"}),
    "NPN": PUBLISHERS,
    "NWN": WRITERS,
    "PWR": WRITERS,
    "MAN": frozenset({"SWR"}),
}
_STARTERS: Final = frozenset({"E", "PA", "ES"})
_RANKS: Final = {
    kind: rank
    for rank, kinds in enumerate(
        (
            "SPU OPU NPN SPT OPT",
            "SWR OWR NWN SWT OWT PWR MAN",
            "ALT NAT",
            "EWT VER OWK PER NPR REC NRC ORN FTV INS IND COM NET NCT NVT NOT NOW",
            "ARI XRF",
        )
    )
    for kind in kinds.split()
}


class Cuts:
    """Where the fields that these rules read stand in one version."""

    def __init__(self, layout: Layout) -> None:
        publisher, writer = layout.record("SPU"), layout.record("SWR")
        publisher_places, writer_places = dict(publisher.slices), dict(writer.slices)
        terms, link = dict(layout.record("SPT").slices), dict(layout.record("PWR").slices)
        writer_terms = dict(layout.record("SWT").slices)
        self.owning = "pr_ownership_share" in publisher_places
        self.publisher = publisher_places["interested_party_number"]
        self.chain = publisher_places["publisher_sequence_number"]
        self.role = publisher_places.get("publisher_type") or publisher_places["publisher_role"]
        self.writer = writer_places["interested_party_number"]
        self.publisher_shares = self._three(publisher_places, "ownership_share") if self.owning else ()
        self.writer_shares = self._three(writer_places, "ownership_share") if self.owning else ()
        self.terms = self._terms(terms)
        self.writer_terms = self._terms(writer_terms)
        self.link_publisher, self.link_writer = link["publisher_ip_number"], link["writer_ip_number"]
        head = dict(next(layout.record(kind) for kind in ("NWR", "WRK") if kind in layout.records).slices)
        self.version, self.excerpt = head["version_type"], head["excerpt_type"]
        self.composite, self.components = head["composite_type"], head["composite_component_count"]

    def _terms(self, places: dict[str, slice]) -> tuple[slice, slice, slice, tuple[slice, ...]]:
        territory = places.get("tis_numeric_code") or places["territory_code"]
        shares = self._three(places, "collection_share")
        return places["interested_party_number"], places["inclusion_exclusion_indicator"], territory, shares

    def _three(self, places: dict[str, slice], name: str) -> tuple[slice, ...]:
        return tuple(places[f"{right}_{name}"] for right in ("pr", "mr", "sr"))


@cache
def cuts_of(layout: Layout) -> Cuts:
    """Return the places of a layout, made once."""
    return Cuts(layout)


class WorkCheck:
    """The check of one transaction; `run` reads its records once."""

    def __init__(self, layout: Layout, at: int, report: Report) -> None:
        self._cuts = cuts_of(layout)
        self._report = report
        self._owned = [0, 0, 0]
        self._readable = True
        self._collected = Collected(at)
        self._publishers: set[str] = set()  # their party numbers
        self._chains: set[str] = set()
        self._writers = 0
        self._kinds: dict[str, int] = {}
        self._unlinked: Record | None = None  # a writer of the submitter's who is not linked to a publisher yet
        self._party: Record | None = None
        self._party_number = ""
        self._rank = 0

    def run(self, records: Sequence[Record]) -> None:
        """Report what is wrong with these records, the head of the transaction first."""
        kinds = self._kinds
        for record in records[1:]:
            kind = record.kind
            kinds[kind] = kinds.get(kind, 0) + 1
            rank = _RANKS.get(kind, self._rank)
            if rank < self._rank:
                self._say(record, f"{kind} stands too late", "put the records in CWR's order", rule="order")
            self._rank = rank
            if kind in PUBLISHERS:
                self._publisher(record)
            elif kind in WRITERS:
                self._writer(record)
            elif kind in _FOLLOWS:
                self._follower(record, kind)
        self._linked()
        self._parts(records[0])
        self._total(records[0])

    def _publisher(self, record: Record) -> None:
        cuts, raw = self._cuts, record.raw
        self._collected.party()
        self._party, self._party_number = record, raw[cuts.publisher].strip(" ")
        chain = raw[cuts.chain]
        if chain not in self._chains and raw[cuts.role].strip(" ") not in _STARTERS:
            message = f"the chain of publishers {chain} does not begin with an original publisher"
            self._say(record, message, "begin it with type E", rule="chain")
        self._chains.add(chain)
        self._publishers.add(self._party_number)
        self._own(raw, cuts.publisher_shares)

    def _writer(self, record: Record) -> None:
        cuts, raw = self._cuts, record.raw
        self._collected.party()
        self._linked()
        self._unlinked = record if record.kind == "SWR" and self._publishers else None
        self._writers += 1
        self._party, self._party_number = record, raw[cuts.writer].strip(" ")
        self._own(raw, cuts.writer_shares)

    def _own(self, raw: str, places: tuple[slice, ...]) -> None:
        for right, place in enumerate(places):
            share = SHARES.get(raw[place])
            if share is None:
                self._readable = False
            else:
                self._owned[right] += share

    def _follower(self, record: Record, kind: str) -> None:
        party = self._party
        if party is None or party.kind not in _FOLLOWS[kind]:
            wanted = " or ".join(sorted(_FOLLOWS[kind]))
            self._say(record, f"{kind} does not follow {wanted}", "put it after its party", rule="linkage", reject=True)
        elif kind == "PWR":
            self._link(record)
        elif kind.endswith("T"):
            self._term(record, self._cuts.terms if party.kind in PUBLISHERS else self._cuts.writer_terms)

    def _term(self, record: Record, places: tuple[slice, slice, slice, tuple[slice, ...]]) -> None:
        party, indicator, territory, shares = places
        raw = record.raw
        number = raw[party].strip(" ")
        if number != self._party_number:
            message = f"{record.kind} is of party {number!r}, after one of {self._party_number!r}"
            self._say(record, message, "put it after its party", rule="linkage", reject=True)
            return
        triple = (SHARES.get(raw[shares[0]]), SHARES.get(raw[shares[1]]), SHARES.get(raw[shares[2]]))
        if not self._collected.term(raw[indicator], raw[territory], triple):
            self._readable = False

    def _link(self, record: Record) -> None:
        cuts, raw = self._cuts, record.raw
        self._unlinked = None
        publisher, writer = raw[cuts.link_publisher].strip(" "), raw[cuts.link_writer].strip(" ")
        if writer and writer != self._party_number:
            message = f"PWR names writer {writer!r}, after writer {self._party_number!r}"
            self._say(record, message, "put it after its writer", rule="linkage", reject=True)
        if publisher and publisher not in self._publishers:
            message = f"PWR names publisher {publisher!r}, which the transaction has not"
            self._say(record, message, "name a publisher of the transaction", rule="linkage", reject=True)

    def _linked(self) -> None:
        """Say that the writer before is not linked to a publisher."""
        if self._unlinked is not None:
            self._say(self._unlinked, "no PWR links the writer to a publisher", "add PWR", rule="no-link")
            self._unlinked = None

    def _parts(self, head: Record) -> None:
        """Compare what the head says of the work's origin with the records that tell it."""
        cuts, raw, kinds = self._cuts, head.raw, self._kinds
        told = "OWK" in kinds
        if raw[cuts.version] == "MOD" and not told and "VER" not in kinds:
            self._say(head, "a modified work without its original", "add VER (3.x: OWK)", rule="no-original")
        if raw[cuts.excerpt].strip(" ") and not told and "EWT" not in kinds:
            self._say(head, "an excerpt without the entire work", "add EWT (3.x: OWK)", rule="no-original")
        if raw[cuts.composite].strip(" "):
            parts = kinds.get("COM", 0) + kinds.get("OWK", 0)
            if raw[cuts.components].strip(" ") not in ("", f"{parts:03d}"):
                message = f"{raw[cuts.components]!r} components, {parts} are told"
                self._say(head, message, "add COM (3.x: OWK) for each", rule="components")

    def _total(self, head: Record) -> None:
        if not self._writers:
            self._say(head, "the work has no writer", "add SWR or OWR", rule="no-writer", reject=True)
        if not self._readable:
            return
        for right, total in zip(RIGHTS, self._owned, strict=True):
            if total and abs(total - WHOLE) > TOLERANCE:
                message = f"{right} ownership shares add up to {_percent(total)}"
                self._say(head, message, "make them 100 %, or none", rule="share-total", reject=True)
        for right, total, territory in self._collected.excesses():
            message = f"{right} collection shares add up to {_percent(total)} in territory {territory}"
            self._say(head, message, "make them 100 % at most", rule="collection-total", reject=True)

    def _say(self, record: Record, message: str, remedy: str, *, rule: str, reject: bool = False) -> None:
        level = Level.TRANSACTION if reject else Level.RECORD
        self._report.say(record, message, remedy, rule=rule, level=level)


def _percent(share: int) -> str:
    return f"{share // 100}.{share % 100:02d} %"
