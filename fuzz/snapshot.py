"""Heads of snapshots: whatever the bytes, `InputError` or exactly the head that they spell."""

from __future__ import annotations

from collections.abc import Iterator

from tools.make_snapshot_vectors import FIRST, SECOND

from cantoria.clearance.published import encode_head, parse_head, snapshot_id, view_query
from cantoria.kernel.errors import InputError


def one(data: bytes) -> None:
    """Read a head; one that is read has one spelling, and every file of it lies in its folder."""
    try:
        head = parse_head(data)
    except InputError:
        return
    if encode_head(head) != data or not snapshot_id(data).startswith("snapshot_"):
        raise AssertionError("a head was read that is spelled otherwise")
    if any("/" in entry.name or entry.name.startswith(".") for entry in head.files):
        raise AssertionError("a name leads out of the folder")
    view_query("need", head, lambda entry: entry.table)


def seeds() -> Iterator[bytes]:
    """Give a base and a refresh."""
    yield encode_head(FIRST)
    yield encode_head(SECOND)
