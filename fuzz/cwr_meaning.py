"""CWR, what it means: whatever the bytes, each transaction is one entry, and what goes out again is a valid file."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace

from cantoria.formats import cwr
from cantoria.formats.cwr.layout import VERSIONS
from cantoria.formats.cwr.writer import write_transactions
from cantoria.formats.types import Severity
from cantoria.kernel.errors import InputError
from cantoria.testing.cwr_files import file_bytes, header, transactions
from fuzz._entries import use

SENDER = cwr.Sender(name="FUZZ", created="20261120101500", code="FUZ", ipi="00014107338", namespace="FUZZ")


def one(data: bytes) -> None:
    """Read, write down, write out in each version, answer."""
    try:
        entries = list(cwr.read(io.BytesIO(data), file="fuzz"))
    except InputError:
        return
    use(entries)
    for version in ("2.1", "2.2", "3.0", "3.1"):
        _valid(b"".join(cwr.write(entries, sender=replace(SENDER, version=version))))
    answers = b"".join(cwr.acknowledge(io.BytesIO(data), file="fuzz", sender=SENDER))
    for _ in cwr.read(io.BytesIO(answers), file="answers"):
        pass


def _valid(data: bytes) -> None:
    for entry in cwr.read(io.BytesIO(data), file="out"):
        for finding in entry.findings:
            if finding.severity is Severity.ERROR:
                raise AssertionError(f"what was written is not valid: {finding}")


def seeds() -> Iterator[bytes]:
    """Give small files of every version: one for each kind of transaction, and one with two works."""
    for version in VERSIONS:
        for made in transactions(version, seed=1, count=1, full=True):
            yield b"".join(write_transactions(header(version), [made]))
        yield file_bytes(version, seed=2, count=2)
