"""Entries written as JSON-LD 1.1: one document with a graph, or one node on each line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from cantoria.formats.entries.types import Entry
from cantoria.formats.jsonld.context import CONTEXT, CONTEXT_ID
from cantoria.formats.jsonld.nodes import Nodes
from cantoria.formats.outgoing import CHUNK_BYTES, Lost


def write(entries: Iterable[Entry], *, lost: Lost | None = None) -> Iterator[bytes]:
    """Give one JSON-LD document in pieces: its context, and all nodes as its `@graph`, one on each line. The same
    entries give the same bytes, in memory that does not grow with what the nodes say."""
    nodes = Nodes(Lost() if lost is None else lost)
    head = f'{{"@context":{_json(dict(CONTEXT))},\n"@graph":['
    yield from _pieces(_graph(head, (node for entry in entries for node in nodes.of(entry))))


def write_lines(entries: Iterable[Entry], *, lost: Lost | None = None) -> Iterator[bytes]:
    """Give JSON lines in pieces: each line is a JSON-LD document of one node, which names its context by the IRI
    `CONTEXT_ID`: hand `spec/context.jsonld` to the processor under that name."""
    nodes = Nodes(Lost() if lost is None else lost)
    yield from _pieces(_json({"@context": CONTEXT_ID, **node}) + "\n" for entry in entries for node in nodes.of(entry))


def _graph(head: str, nodes: Iterable[dict[str, Any]]) -> Iterator[str]:
    before = head + "\n"
    for node in nodes:
        yield before + _json(node)
        before = ",\n"
    yield (before if before != ",\n" else "\n") + "]}\n"


def _pieces(texts: Iterable[str]) -> Iterator[bytes]:
    held: list[str] = []
    size = 0
    for text in texts:
        held.append(text)
        size += len(text)
        if size > CHUNK_BYTES:
            yield "".join(held).encode("utf-8")
            held, size = [], 0
    yield "".join(held).encode("utf-8")


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
