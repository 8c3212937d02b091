"""Writing CWR: records from values, files from transactions, and what was read back to the same bytes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import Final

from cantoria.formats.cwr.layout import Field, Layout, RecordLayout, layout_of
from cantoria.formats.cwr.records import PLAIN, Header, Item, Manner, Record, Transaction
from cantoria.kernel.errors import InputError

_GROUPS_MAX: Final = 99_999
_ZEROED: Final = frozenset("NDT")


def compose(layout: RecordLayout, values: Mapping[str, str | int]) -> Record:
    """Return a record of that type with these values; its sequence numbers are zero until it is written.

    A number is filled with zeros, text with blanks on its right. A field that is not given holds its constant, zeros
    (a mandatory number and a share), or blanks. Raises `InputError` naming the field for a value that does not fit:
    too long, of control characters, or of a name that the record has not.
    """
    left = dict(values)
    cells = [_cell(field, left.pop(field.name, "")) for field in layout.fields]
    if left:
        layout.field(sorted(left)[0])
    start = layout.kind + "0" * 16 if layout.prefixed else layout.kind
    return Record(layout.kind, 0, start + "".join(cells), layout, PLAIN)


def _cell(field: Field, value: str | int) -> str:
    text = str(value)
    if not text:
        return _empty(field)
    if len(text) > field.size:
        raise _unfit(field, text, f"has {len(text)} characters", f"use at most {field.size}")
    if any(ord(sign) < 32 or 127 <= ord(sign) < 160 or ord(sign) in (0x2028, 0x2029) for sign in text):
        raise _unfit(field, text, "holds a control character", "leave it out")
    if field.fmt in _ZEROED and text.isdigit():
        return text.zfill(field.size)
    return text.ljust(field.size)


def _empty(field: Field) -> str:
    if field.note.startswith("="):
        return field.note[1:].ljust(field.size)
    zeros = (field.fmt in _ZEROED and field.required == "M") or field.note == "share"
    return ("0" if zeros else " ") * field.size


def _unfit(field: Field, text: str, message: str, remedy: str) -> InputError:
    return InputError(message, remedy, {"field": field.name, "value": text[:80]})


def numbered(record: Record, transaction: int, sequence: int) -> str:
    """Return a record's line with these sequence numbers."""
    return f"{record.kind}{transaction:08d}{sequence:08d}{record.raw[19:]}"


def write_items(items: Iterable[Item]) -> Iterator[bytes]:
    """Give the bytes of what a reader gave: those that it read, line by line."""
    for item in items:
        for record in item.records:
            yield _encoded(record.raw, record.manner)


def write_transactions(
    header: Header | Record, transactions: Iterable[Transaction], *, version: str = "", manner: Manner = PLAIN
) -> Iterator[bytes]:
    """Give the bytes of a file: the header as it is, the transactions in groups, numbered anew, with their counts.

    Neighbours of one kind are one group. `version` is that of the layout, by default the header's. Raises `InputError`
    for a transaction of another version and for more groups than a file can hold.
    """
    record = header if isinstance(header, Record) else header.record
    version = version or (header.version if isinstance(header, Header) else _layout_version(record))
    layout = layout_of(version)
    yield _encoded(record.raw, manner)
    groups = transactions_seen = records_seen = 0
    for kind, members in groupby(transactions, key=lambda one: one.kind):
        groups += 1
        if groups > _GROUPS_MAX:
            raise InputError("a file holds at most 99,999 groups", "sort the transactions by their kind")
        yield _encoded(_group_header(layout, kind, groups), manner)
        count, records = 0, 2
        for transaction in members:
            _same_version(transaction, version)
            for sequence, one in enumerate(transaction.records):
                yield _encoded(numbered(one, count, sequence), manner)
            count, records = count + 1, records + len(transaction.records)
        counts = {"transaction_count": count, "record_count": records}
        yield _encoded(_end(layout.record("GRT"), groups, counts), manner)
        transactions_seen, records_seen = transactions_seen + count, records_seen + records
    totals = {"transaction_count": transactions_seen, "record_count": records_seen + 2}
    yield _encoded(_end(layout.record("TRL"), groups, totals), manner)


def _layout_version(record: Record) -> str:
    if record.layout is None or record.kind != "HDR":
        raise InputError("a file begins with a header", "compose one from the layout's HDR")
    return record.layout.version


def _same_version(transaction: Transaction, version: str) -> None:
    if transaction.version != version:
        raise InputError(
            f"a transaction of CWR {transaction.version} cannot stand in a file of {version}",
            "make the transactions in the file's version",
        )


def _group_header(layout: Layout, kind: str, number: int) -> str:
    group = layout.record("GRH")
    names = {field.name for field in group.fields}
    values: dict[str, str | int] = {"transaction_type": kind}
    values["group_id" if "group_id" in names else "group_code"] = number
    if "version_number_for_this_transaction_type" in names:
        major, minor = layout.version[0], layout.version[2]
        values["version_number_for_this_transaction_type"] = f"0{major}.{minor}0"
    return compose(group, values).raw


def _end(layout: RecordLayout, number: int, counts: Mapping[str, int]) -> str:
    """Return a trailer; its first field is the number of the group or of the groups."""
    return compose(layout, {layout.fields[0].name: number, **counts}).raw


def _encoded(text: str, manner: Manner) -> bytes:
    return (text + manner.end).encode(manner.encoding)
