"""JSON-LD out: what is written means, by the context in spec/, what the entries say."""

import io
import json
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from tests.unit.formats.exports.conftest import catalogues

from cantoria.formats import jsonld
from cantoria.formats.entries.types import Chain, Collection, Entry, Share, Title, Work
from cantoria.formats.jsonld.nodes import reference
from cantoria.kernel.periods import DAY, Period
from cantoria.registry.types import Right, Role

SPEC = Path(__file__).parents[4] / "spec" / "context.jsonld"
SCHEMA, TERM, THING = "https://schema.org/", "urn:cantoria:term:", "urn:cantoria:thing:"
KEYWORDS = {"@id", "@type", "@value", "@language"}


class Expander:
    """The part of the JSON-LD expansion algorithm that these files need. A term that the context does not define, or
    an IRI that is none, is an error here, where a processor would drop it without a word."""

    def __init__(self, context: dict[str, Any]) -> None:
        self.terms = {name: term for name, term in context.items() if not name.startswith("@")}

    def iri(self, name: str) -> str:
        if name.startswith("@"):
            assert name in KEYWORDS
            return name
        term = self.terms.get(name)
        if term is not None:
            return self.iri(term["@id"] if isinstance(term, dict) else term)
        prefix, colon, rest = name.partition(":")
        assert colon, f"{name} is not defined"
        if rest.startswith("//") or prefix == "urn":
            return name
        assert prefix in self.terms, f"{prefix} is not defined"
        return self.iri(self.terms[prefix]) + rest

    def node(self, value: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, said in value.items():
            key = self.iri(name)
            if key == "@id":
                found[key] = self.iri(said)
            elif key == "@type":
                found[key] = [self.iri(said)]
            elif key in ("@value", "@language"):
                found[key] = said
            else:
                term = self.terms[name]
                items = [self.value(item, term) for item in (said if isinstance(said, list) else [said])]
                listed = isinstance(term, dict) and term.get("@container") == "@list"
                found[key] = [{"@list": items}] if listed else items
        return found

    def value(self, value: Any, term: Any) -> Any:
        if isinstance(value, dict):
            return self.node(value)
        kind = term.get("@type") if isinstance(term, dict) else None
        if kind == "@id":
            return {"@id": self.iri(value)}
        return {"@value": value, "@type": self.iri(kind)} if kind else {"@value": value}


def document(entries: Iterable[Entry]) -> Any:
    return json.loads(b"".join(jsonld.write(entries)))


def expanded(entries: Iterable[Entry]) -> list[dict[str, Any]]:
    expander = Expander(json.loads(SPEC.read_text(encoding="utf-8"))["@context"])
    return [expander.node(node) for node in document(entries)["@graph"]]


def test_the_context_in_spec_is_the_one_that_is_written() -> None:
    assert json.loads(SPEC.read_text(encoding="utf-8")) == {"@context": dict(jsonld.CONTEXT)}
    assert document([])["@context"] == dict(jsonld.CONTEXT)
    assert document([])["@graph"] == []


def test_what_a_catalogue_means(some_catalogue: list[Entry]) -> None:
    nodes = {node["@id"]: node for node in expanded(some_catalogue)}
    work = nodes[THING + "work/W1"]
    assert work["@type"] == [SCHEMA + "MusicComposition"]
    assert work[SCHEMA + "name"] == [{"@value": "봄비"}]
    assert work[SCHEMA + "alternateName"] == [{"@value": "Spring Rain", "@language": "en"}]
    assert work[SCHEMA + "iswcCode"] == [{"@value": "T0345246801"}]
    assert work[SCHEMA + "composer"] == [{"@id": THING + "party/P1"}]
    assert work[SCHEMA + "publisher"] == [{"@id": THING + "party/P2"}]
    first, second = work[TERM + "claim"]
    assert first[TERM + "share"] == [{"@value": "1/3"}]
    assert second[TERM + "territory"] == [{"@value": "0410"}]
    recording = nodes[THING + "recording/R1"]
    assert recording[SCHEMA + "recordingOf"] == [{"@id": THING + "work/W1"}]
    assert recording[SCHEMA + "duration"] == [{"@value": "PT214S"}]
    assert recording[SCHEMA + "isrcCode"] == [{"@value": "KRA381900123"}]
    assert recording[SCHEMA + "producer"] == [{"@id": THING + "party/P2"}]
    release = nodes[THING + "release/A1"]
    assert release[SCHEMA + "track"] == [{"@list": [{"@id": THING + "recording/R1"}]}]
    party = nodes[THING + "party/P1"]
    assert party["@type"] == [SCHEMA + "Person"]
    (identifier,) = party[SCHEMA + "identifier"]
    assert identifier[SCHEMA + "propertyID"] == [{"@value": "ipi_name"}]
    assert nodes[THING + "party/P2"]["@type"] == [SCHEMA + "Organization"]


def test_collection_chains_and_periods() -> None:
    work = Work(
        key="W 1",
        title="One",
        titles=(Title(text="Uno", language="not a tag"),),
        shares=(Share(party="P1", role=Role.ARRANGER, period=Period(0, DAY)),),
        collections=(Collection(party="P2", role=Role.PUBLISHER, right=Right.MECHANICAL, share=Fraction(1)),),
        chains=(Chain(grantor="", acquirer="P2"),),
    )
    (node,) = expanded([Entry(line=0, kind="work", works=(work,))])
    assert node["@id"] == THING + "work/W%201"
    (claim,) = node[TERM + "claim"]
    assert claim[TERM + "from"] == [
        {"@value": "1970-01-01T00:00:00Z", "@type": "http://www.w3.org/2001/XMLSchema#dateTime"}
    ]
    assert node[SCHEMA + "alternateName"] == [{"@value": "Uno"}]
    (chain,) = node[TERM + "chain"]
    assert TERM + "grantor" not in chain
    assert node[TERM + "collection"][0][TERM + "share"] == [{"@value": "1"}]


@settings(max_examples=50)
@given(entries=catalogues())
def test_every_term_is_defined_and_every_thing_described_once(entries: list[Entry]) -> None:
    nodes = expanded(entries)
    described = [node["@id"] for node in nodes if "@type" in node]
    assert len(described) == len(set(described))
    things = [thing for entry in entries for thing in (*entry.works, *entry.recordings, *entry.releases)]
    assert len(set(described)) == len(things) + len({party.key for entry in entries for party in entry.parties})
    claims = [claim for node in nodes for claim in node.get(TERM + "claim", [])]
    assert len(claims) == sum(len(thing.shares) for entry in entries for thing in (*entry.works, *entry.recordings))


@settings(max_examples=50)
@given(entries=catalogues())
def test_both_forms_say_the_same_and_say_it_again_the_same(entries: list[Entry]) -> None:
    data = b"".join(jsonld.write_lines(entries))
    assert data == b"".join(jsonld.write_lines(entries))
    lines = [json.loads(line) for line in io.BytesIO(data)]
    assert all(line.pop("@context") == jsonld.CONTEXT_ID for line in lines)
    assert lines == document(entries)["@graph"]


@pytest.mark.parametrize(
    ("kind", "key", "iri"),
    [
        ("work", "W1", "thing:work/W1"),
        ("work", "iswc:T0345246801", "thing:iswc:T0345246801"),
        ("party", "봄 \ud800", "thing:party/%EB%B4%84%20%3F"),
    ],
)
def test_references_are_iris(kind: str, key: str, iri: str) -> None:
    assert reference(kind, key) == iri


def test_pieces_come_while_entries_come() -> None:
    count = 0

    def endless() -> Iterable[Entry]:
        nonlocal count
        while True:
            count += 1
            yield Entry(line=0, kind="work", works=(Work(key=f"W{count}", title="T" * 1000),))

    assert len(next(iter(jsonld.write(endless())))) > 60_000
    assert count < 100
