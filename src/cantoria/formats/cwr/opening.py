"""The header of a CWR file: which version it is of, and who sends it. CISAC CWR19-1070R1 and CWR22-0478, HDR."""

from __future__ import annotations

import re
from typing import Final

from cantoria.formats.cwr.layout import layout_of
from cantoria.formats.cwr.records import Header, Manner, Record
from cantoria.kernel.errors import InputError
from cantoria.kernel.periods import parse_moment

# Where no header says when a file was made, territories are those of this day.
TERRITORIES_DAY: Final = "2026-01-01"
_EDI: Final = slice(59, 64)
_VERSION_2: Final = slice(101, 104)
_VERSION_3: Final = slice(102, 105)
_GROUP_VERSION: Final = re.compile(r"GRH[A-Z ]{3}[0-9 ]{5}([0-9]{2})\.([0-9]{2})")
_DAY: Final = re.compile(r"([12][0-9]{3})(0[1-9]|1[0-2])([0-3][0-9])")


def version_of(header: str, second: str) -> str:
    """Return the version that a header line and the line after it speak of; raises `InputError` for no CWR header.

    2.1 has no version in its header: the first group's decides. 3.1 with a version in the group header is "3.1-9".
    """
    if not header.startswith("HDR"):
        raise InputError(
            "this is no CWR file: it does not begin with HDR",
            "check that the file is CWR, and not packed",
            {"value": header[:20]},
        )
    group = _GROUP_VERSION.match(second)
    told = header[_VERSION_3]
    if header[_EDI] != "01.10" and re.fullmatch(r"3\.[0-9]", told):
        if told == "3.0":
            return "3.0"
        return "3.1-9" if group else "3.1"
    if header[_VERSION_2] == "2.2":
        return "2.2"
    if group and group[1] == "03":
        return "3.0" if group[2] == "00" else "3.1-9"
    return "2.2" if group and (group[1], group[2]) == ("02", "20") else "2.1"


def read_header(line: str, second: str, *, number: int, manner: Manner, file: str) -> Header:
    """Return the header of a file from its first line and the one after it."""
    version = version_of(line, second)
    layout = layout_of(version).record("HDR")
    record = Record("HDR", number, line, layout, manner)
    values = record.values
    if version.startswith("2"):
        sender_type, sender_id, name = values["sender_type"], values["sender_id"], values["sender_name"]
        ipi = _ipi(sender_type, sender_id)
    else:
        sender_type, sender_id, name = values["submitter_type"], values["submitter_code"], values["submitter_name"]
        ipi = values["submitter_ipi_name_number"]
    return Header(
        record=record,
        version=version,
        revision=values.get("revision", ""),
        sender_type=sender_type,
        sender_id=sender_id,
        sender_name=name,
        sender_ipi=ipi,
        created=values["creation_date"] + values["creation_time"],
        charset=values["character_set"],
        file=file,
    )


def _ipi(sender_type: str, sender_id: str) -> str:
    """Return the sender's IPI name number in 2.x: of eleven digits, begun in the type, or of nine in the id."""
    if sender_type.isdigit():
        return sender_type + sender_id
    return sender_id.zfill(11) if sender_type in ("PB", "WR", "AA") and sender_id.isdigit() else ""


def day_of(header: Header) -> int:
    """Return the moment as of which the file's territories are meant: the day on which it was made."""
    match = _DAY.match(header.created)
    for day in ([f"{match[1]}-{match[2]}-{match[3]}"] if match else []) + [TERRITORIES_DAY]:
        try:
            return parse_moment(day)
        except InputError:
            continue
    return 0
