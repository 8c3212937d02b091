"""Valid CWR files of every version, made at random from a seed: the same seed gives the same bytes.

`works` are as a publisher sends them; with `full`, every record type of the version stands in them. `file_bytes` makes
a whole file, `transactions` its transactions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from random import Random
from typing import Final

from cantoria.formats.cwr.layout import Layout, layout_of
from cantoria.formats.cwr.records import Manner, Record, Transaction
from cantoria.formats.cwr.writer import compose, write_transactions
from cantoria.testing.cwr_values import SOCIETIES, ipi, value, words

Values = Mapping[str, str | int]
CRLF: Final = Manner("\r\n")
_CHAIN: Final = frozenset(
    (
        "SPU",
        "OPU",
        "NPN",
        "SPT",
        "OPT",
        "SWR",
        "OWR",
        "NWN",
        "SWT",
        "OWT",
        "PWR",
        "MAN",
        "MSG",
        "TER",
        "IPA",
        "NPA",
        "WRI",
    )
)
_ORDER: Final = (
    *("ALT", "NAT", "EWT", "VER", "OWK", "PER", "NPR", "REC", "NRC", "ORN", "FTV", "INS", "IND", "COM"),
    *("NET", "NCT", "NVT", "NOT", "NOW", "ARI", "XRF"),
)
_KINDS: Final = {
    "2": ("AGR", "NWR", "REV", "ISW", "EXC", "ACK"),
    "3": ("WRK", "DRW", "ISR", "ISA", "EXC", "ACK", "LIC"),
}


def header(version: str, *, charset: str = "") -> Record:
    """Return a header of that version."""
    layout = layout_of(version).record("HDR")
    dates: dict[str, str | int] = {
        "creation_date": "20260315",
        "creation_time": "101500",
        "transmission_date": "20260315",
    }
    if version.startswith("2"):
        sender: dict[str, str | int] = {"sender_type": "PB", "sender_id": "000000199", "sender_name": "TEST PUBLISHER"}
    else:
        sender = {"submitter_type": "PB", "submitter_code": "AB", "submitter_name": "TEST PUBLISHER"}
        sender |= {"revision": "000", "filename": "CW260001TST_0000_V3-1-0.SUB"}
    return compose(layout, {**sender, **dates, "character_set": charset})


def file_bytes(version: str, *, seed: int, count: int, full: bool = False, manner: Manner = CRLF) -> bytes:
    """Return a file with `count` transactions of each kind (of the registering kind only, unless `full`)."""
    made = transactions(version, seed=seed, count=count, full=full)
    return b"".join(write_transactions(header(version), made, version=version, manner=manner))


def transactions(version: str, *, seed: int, count: int, full: bool = False) -> Iterator[Transaction]:
    """Give `count` valid transactions of each kind, kind after kind."""
    maker = Maker(version, Random(seed))  # noqa: S311
    kinds = _KINDS[version[0]] if full else (("NWR", "WRK")[version[0] == "3"],)
    for kind in kinds:
        for _ in range(count):
            yield maker.transaction(kind, full=full)


class Maker:
    """Makes transactions of one version."""

    def __init__(self, version: str, rng: Random) -> None:
        self._layout: Layout = layout_of(version)
        self._rng = rng
        self._made = 0
        self._old = version.startswith("2")

    def transaction(self, kind: str, *, full: bool = False) -> Transaction:
        """Return a transaction of that kind."""
        self._made += 1
        match kind:
            case "AGR":
                records = self._agreement()
            case "ACK":
                records = self._answer(full)
            case "ISR" | "ISA":
                records = [self._record(kind), self._record("WRI"), self._record("WRI")]
            case "DRW" | "LIC":
                records = [self._head(kind)]
            case _:
                records = self._work(kind, full)
        return Transaction(kind, 0, self._layout.version, tuple(records))

    def _record(self, kind: str, given: Values | None = None, *, all_fields: bool = True) -> Record:
        """Return a record with the given values, and random ones for the others."""
        layout = self._layout.record(kind)
        values: dict[str, str | int] = {}
        for field in layout.fields:
            if all_fields or field.required == "M":
                values[field.name] = value(layout, field, self._rng)
        known = {name: text for name, text in (given or {}).items() if any(one.name == name for one in layout.fields)}
        return compose(layout, {**values, **known})

    def _head(self, kind: str) -> Record:
        rng = self._rng
        given: dict[str, str | int] = {
            "work_title": words(rng, chars_max=60),
            "submitter_work_number": f"TST{self._made:09d}",
            "musical_work_distribution_category": "POP",
            "version_type": "ORI",
            **dict.fromkeys(("composite_type", "composite_component_count", "excerpt_type"), ""),
            "recorded_indicator": "Y",
            "duration": f"0003{rng.randint(0, 59):02d}",
        }
        return self._record(kind, given, all_fields=rng.random() < 0.5)

    def _work(self, kind: str, full: bool) -> list[Record]:
        records = [self._head(kind)]
        writers = self._rng.randint(1, 3)
        publishers = self._rng.randint(1, 2)
        numbers = [f"P{self._rng.randint(1, 99_999):06d}" for _ in range(publishers)]
        for position, number in enumerate(numbers):
            records += self._publisher(position, number, publishers, full)
        if full or self._rng.random() < 0.2:
            records.append(self._record("OPU", self._nameless(publishers + 1), all_fields=False))
            if "OPT" in self._layout.records:
                records.append(self._term("OPT", "", "I", "2136", (0, 0, 0)))
        for position in range(writers):
            records += self._writer(position, writers, numbers, full)
        records += [self._record("ALT", {"title_type": "AT"}) for _ in range(self._rng.randint(0, 3))]
        if full:
            wanted = [one for one in _ORDER if one in self._layout.records]
            records += [self._record(one) for one in wanted]
        else:
            records += [self._record("PER", all_fields=False), self._record("REC")][: self._rng.randint(0, 2)]
        return records

    def _nameless(self, chain: int) -> Values:
        """Return what is said of a publisher whom nobody knows."""
        return {
            "publisher_sequence_number": chain,
            "publisher_unknown_indicator": "Y",
            "publisher_type": "E",
            "publisher_role": "E",
        }

    def _publisher(self, position: int, number: str, count: int, full: bool) -> list[Record]:
        rng = self._rng
        society = rng.choice(SOCIETIES)
        half, whole = _part(5_000, position, count), _part(10_000, position, count)
        given: dict[str, str | int] = {
            "publisher_sequence_number": position + 1,
            "interested_party_number": number,
            "publisher_name": words(rng, chars_max=45) + " MUSIC",
            "publisher_unknown_indicator": "" if self._old else "N",
            "publisher_type": "E",
            "publisher_role": "E",
            "publisher_ipi_name_number": ipi(rng),
            **dict.fromkeys(("pr_affiliation_society_number", "mr_society", "sr_society"), society),
            "pr_ownership_share": half,
            "mr_ownership_share": whole,
            "sr_ownership_share": whole,
        }
        records = [self._record("SPU", given, all_fields=full)]
        if full:
            records.append(self._record("NPN", given))
        for indicator, territory in rng.choice(
            ((("I", "2136"),), (("I", "2136"), ("E", "0840"), ("I", "0840")), (("I", "0410"),))
        ):
            records.append(self._term("SPT", number, indicator, territory, (half, whole, whole)))
        return records

    def _term(self, kind: str, number: str, indicator: str, territory: str, shares: tuple[int, int, int]) -> Record:
        given: dict[str, str | int] = {
            "interested_party_number": number,
            "inclusion_exclusion_indicator": indicator,
            "tis_numeric_code": territory,
            "territory_code": territory,
            "sequence_number": 1,
            "shares_change": "N",
            "recipient_code": "0000",
            **dict(zip(("pr_collection_share", "mr_collection_share", "sr_collection_share"), shares, strict=True)),
        }
        return self._record(kind, given, all_fields=False)

    def _writer(self, position: int, count: int, publishers: list[str], full: bool) -> list[Record]:
        rng = self._rng
        number = f"W{rng.randint(1, 99_999):06d}"
        half = _part(5_000, position, count)
        controlled = position == 0 or rng.random() < 0.7
        given: dict[str, str | int] = {
            "interested_party_number": number,
            "writer_last_name": words(rng, chars_max=45, count=1),
            "writer_first_name": words(rng, chars_max=30, count=1),
            "writer_unknown_indicator": "" if self._old else "N",
            "writer_designation_code": "CA",
            "writer_role": "CA",
            "writer_ipi_name_number": ipi(rng),
            "pr_affiliation_society_number": rng.choice(SOCIETIES),
            "pr_ownership_share": half,
            "mr_ownership_share": 0,
            "sr_ownership_share": 0,
        }
        records = [self._record("SWR" if controlled else "OWR", given, all_fields=full)]
        if full:
            records.append(self._record("NWN", given))
        if controlled:
            records.append(self._term("SWT", number, "I", "2136", (half, 0, 0)))
            records.append(self._link(number, publishers[position % len(publishers)], position % len(publishers)))
            if full and "MAN" in self._layout.records:
                records.append(self._record("MAN", {"writer_ip_number": number}))
        elif "OWT" in self._layout.records:
            records.append(self._term("OWT", number, "I", "2136", (half, 0, 0)))
        return records

    def _link(self, writer: str, publisher: str, position: int) -> Record:
        given: dict[str, str | int] = {
            "publisher_sequence_number": position + 1,
            "publisher_ip_number": publisher,
            "publisher_name": "MUSIC",
            "writer_ip_number": writer,
        }
        return self._record("PWR", given, all_fields=False)

    def _agreement(self) -> list[Record]:
        records = [self._record("AGR"), self._record("TER", {"inclusion_exclusion_indicator": "I"})]
        for role in ("AS", "AC"):
            records += [self._record("IPA", {"agreement_role_code": role}), self._record("NPA")]
        return records

    def _answer(self, full: bool) -> list[Record]:
        kind = "NWR" if self._old else "WRK"
        records = [self._record("ACK", {"original_transaction_type": kind})]
        records += [self._record("MSG", {"message_type": "F", "message_level": "F"})] * self._rng.randint(0, 2)
        return records + (self._work(kind, full) if self._rng.random() < 0.5 else [])


def _part(whole: int, position: int, count: int) -> int:
    """Return one of `count` whole parts that add up to `whole`."""
    return whole * (position + 1) // count - whole * position // count
