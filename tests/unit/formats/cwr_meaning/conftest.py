"""CWR files made of records and values, and houses that take in what they say."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from cantoria.formats import cwr
from cantoria.formats.csvfamily import Context
from cantoria.formats.cwr.layout import layout_of
from cantoria.formats.cwr.records import Transaction
from cantoria.formats.cwr.writer import compose, write_transactions
from cantoria.formats.entries import Entry, Scribe, write_down
from cantoria.formats.types import Imported
from cantoria.kernel.facts import Capacity, Recorded
from cantoria.kernel.ids import PartyId, typed_id
from cantoria.kernel.periods import DAY
from cantoria.registry import Registry
from cantoria.registry.facts import LinkAsserted
from cantoria.registry.types import Relation

Row = tuple[str, Mapping[str, str | int]]
NOW = 20_000 * DAY
SENDER = PartyId(typed_id("party", b"sender".rjust(16, b"\0")))
REAL = Path(__file__).parents[5] / "shared" / "data" / "cwr"
HEADS = {
    "2": {"sender_type": "PB", "sender_id": "14107338", "sender_name": "BLUE SONGS"},
    "3": {"submitter_type": "PB", "submitter_name": "BLUE SONGS", "submitter_ipi_name_number": "00014107338"},
}
SOCIETY = {
    "2": {"sender_type": "SO", "sender_id": "118", "sender_name": "KOMCA"},
    "3": {"submitter_type": "SO", "submitter_code": "0118", "submitter_name": "KOMCA"},
}


class Files:
    """Makes CWR files and reads them."""

    def make(self, version: str, *transactions: Sequence[Row], society: bool = False) -> bytes:
        """Return a file of these transactions, each a list of records with their values."""
        layout = layout_of(version)
        head = {**(SOCIETY if society else HEADS)[version[0]], "creation_date": "20261120", "creation_time": "101500"}
        head["transmission_date"] = "20261120"
        if version[0] == "3":
            head["filename"] = "CW260001BLU_0000_V3-1-0.SUB"
        made = [
            Transaction(rows[0][0], 0, version, tuple(compose(layout.record(kind), values) for kind, values in rows))
            for rows in transactions
        ]
        return b"".join(write_transactions(compose(layout.record("HDR"), head), made, version=version))

    def read(self, data: bytes, *, file: str = "test.V21") -> list[Entry]:
        """Return the entries of a file."""
        return list(cwr.read(io.BytesIO(data), file=file))


class House:
    """Takes entries into a registry, as the application does."""

    def __init__(self) -> None:
        self.registry = Registry()
        self.facts: list[Any] = []
        self.ids = 0

    def new_id(self, prefix: str) -> str:
        self.ids += 1
        return typed_id(prefix, self.ids.to_bytes(16, "big"))

    def lookup(self, code: str) -> str | None:
        named = self.registry.named_by(code)
        return named[0] if len(named) == 1 else None

    def links_between(self, left: str, relation: Relation, right: str) -> list[str]:
        links = (fact for fact in self.facts if isinstance(fact, LinkAsserted))
        return [link.link for link in links if (link.left, link.relation, link.right) == (left, relation, right)]

    def said_of(self, work: str) -> list[Any]:
        views = (*self.registry.collections(work), *self.registry.chains(work))
        return [view.fact for view in views]

    def context(self) -> Context:
        return Context(
            sender=SENDER,
            namespace="BLUE",
            now=NOW,
            new_id=self.new_id,
            lookup=self.lookup,
            define=lambda code, kind="": self.lookup(code),
            claims_of=lambda subject: self.registry.claims(subject),
            links_between=self.links_between,
            said_of=self.said_of,
        )

    def take(self, entries: list[Entry], *, file: str = "test.V21") -> Imported:
        """Write the entries down and record their facts, one after another."""
        scribe = Scribe(self.context(), file=file, sha256="00" * 32)
        whole = Imported()
        for entry in entries:
            written = write_down(scribe, entry)
            for fact in written.facts:
                index = len(self.facts)
                self.facts.append(fact)
                recorded = Recorded(index, f"fact_{index}", SENDER, Capacity.PUBLISHER, NOW + index, fact)
                self.registry.add(recorded)
            whole += written
        return whole

    def work(self, number: str) -> str:
        """Return the id of the work with this submitter number."""
        found = self.lookup(f"own:BLUE:{number}")
        assert found is not None, f"no work {number}"
        return found


@pytest.fixture
def files() -> Files:
    return Files()


@pytest.fixture
def house() -> House:
    return House()


@pytest.fixture
def make_house() -> Callable[[], House]:
    return House


@pytest.fixture
def rows() -> Callable[..., list[Row]]:
    """Return `rows(kind, **values)`: a registration with one writer, values for its first record."""

    def build(kind: str = "NWR", **values: str | int) -> list[Row]:
        head: dict[str, str | int] = {
            "work_title": "SPRING DAY",
            "submitter_work_number": "S1",
            "musical_work_distribution_category": "POP",
            "recorded_indicator": "U",
            "version_type": "ORI",
            **values,
        }
        writer: dict[str, str | int] = {
            "interested_party_number": "W1",
            "writer_last_name": "KIM",
            "writer_first_name": "ADA",
            "writer_ipi_name_number": "00014107338",
        }
        if kind == "WRK":
            return [(kind, head), ("SWR", {**writer, "writer_role": "CA", "writer_unknown_indicator": "N"})]
        owned = dict.fromkeys(("pr_ownership_share", "mr_ownership_share", "sr_ownership_share"), 10000)
        return [(kind, head), ("SWR", {**writer, "writer_designation_code": "CA", **owned})]

    return build
