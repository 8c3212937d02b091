"""Reading a CWR file from text, and changing one that is valid."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest

from cantoria.formats.cwr.reader import read_transactions
from cantoria.formats.cwr.records import CwrFinding, Item

Told = list[tuple[str, str, str, int, str]]


def _read(data: bytes | str, *, validate: bool = True) -> list[Item]:
    raw = data.encode() if isinstance(data, str) else data
    return list(read_transactions(io.BytesIO(raw), file="f.V21", validate=validate))


def _told(data: bytes | str) -> Told:
    findings: list[CwrFinding] = [one for item in _read(data) for one in item.findings]
    return [(one.level.value, one.rule, one.record, one.line, one.field) for one in findings]


@pytest.fixture
def read() -> Callable[..., list[Item]]:
    """Return `read(data)`: the items of a file."""
    return _read


@pytest.fixture
def told() -> Callable[..., Told]:
    """Return `told(data)`: level, rule, record, line and field of each finding."""
    return _told
