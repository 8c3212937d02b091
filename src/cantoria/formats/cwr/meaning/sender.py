"""Who sends a CWR file: its header and its name. CWR19-1070R1 sections 3 and 4.1 (2.x), CWR22-0478 (3.x)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from cantoria import codes
from cantoria.formats.cwr.layout import layout_of
from cantoria.formats.cwr.meaning.keys import society_code
from cantoria.formats.cwr.meaning.roman import roman
from cantoria.formats.cwr.records import Record
from cantoria.formats.cwr.writer import compose
from cantoria.kernel.errors import InputError

WRITABLE: Final = ("2.1", "2.2", "3.0", "3.1")
EVERYBODY: Final = "000"
SOFTWARE: Final = "CANTORIA"
_CODE: Final = re.compile(r"[A-Z0-9]{2,3}")
_CREATED: Final = re.compile(r"[12][0-9]{3}[01][0-9][0-3][0-9][0-2][0-9][0-5][0-9][0-5][0-9]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Who sends a file, to whom, and in which version.

    A society is known by `society` (three digits), anybody else by `ipi` (IPI name number). `code` is the submitter's
    code of two or three characters, `receiver` that of the recipient or society (000: several); `number` counts the
    files of a year; `created` is YYYYMMDDHHMMSS; `namespace` is that of the sender's own keys. Raises `InputError` for
    what no header can hold.
    """

    name: str
    created: str
    code: str
    ipi: str = ""
    society: str = ""
    version: str = "2.1"
    number: int = 1
    receiver: str = EVERYBODY
    namespace: str = ""

    def __post_init__(self) -> None:
        if self.version not in WRITABLE:
            raise InputError(f"CWR {self.version} is not written", f"use one of {', '.join(WRITABLE)}")
        if not _CODE.fullmatch(self.code) or not _CODE.fullmatch(self.receiver):
            raise InputError(f"{self.code!r} or {self.receiver!r} is no CWR code", "two or three capitals or digits")
        if not _CREATED.fullmatch(self.created):
            raise InputError(f"{self.created!r} is no time", "write YYYYMMDDHHMMSS")
        if not 0 < self.number <= 9999:
            raise InputError(f"file number {self.number} is out of range", "count the files of a year from 1 to 9999")
        if self.society and not society_code(self.society):
            raise InputError(f"{self.society!r} is no society code", "write the three digits of CISAC's list")
        if not self.society and not codes.module_for("ipi_name").is_valid(self.ipi):
            raise InputError(f"the sender's IPI name number {self.ipi!r} is none", "give its eleven digits")
        if not roman(self.name):
            raise InputError("the sender has no name", "give one")

    @property
    def major(self) -> str:
        """Return "2" or "3"."""
        return self.version[0]


def header(sender: Sender, *, answers: bool = False) -> Record:
    """Return the first record of a file; `answers` says that it acknowledges others' files."""
    layout = layout_of(sender.version).record("HDR")
    kind = "SO" if sender.society else "PB"
    ipi = codes.check("ipi_name", sender.ipi).value if not sender.society else ""
    values: dict[str, str | int] = {
        "creation_date": sender.created[:8],
        "creation_time": sender.created[8:],
        "transmission_date": sender.created[:8],
        "character_set": "UTF-8",
        "software_package": SOFTWARE,
    }
    if sender.major == "2":
        values["sender_type"] = kind if not ipi.strip("0") or ipi.startswith("00") else ipi[:2]
        values["sender_id"] = society_code(sender.society).zfill(9) if sender.society else ipi[2:]
        values["sender_name"] = roman(sender.name)[:45]
        values["revision"] = "001"
    else:
        values["submitter_type"] = kind
        values["submitter_code"] = society_code(sender.society).zfill(4) if sender.society else ""
        values["submitter_name"] = roman(sender.name)[:45]
        values["submitter_ipi_name_number"] = ipi
        values["revision"] = "000"
        values["filename"] = file_name(sender, answers=answers)
    known = {field.name for field in layout.fields}
    return compose(layout, {name: value for name, value in values.items() if name in known})


def file_name(sender: Sender, *, answers: bool = False) -> str:
    """Return the name of the file: CWyynnnnsss_rrr.Vxx, and in 3.x CWyynnnnsss_rrrr_V3-x-0 with what it holds."""
    start = f"CW{sender.created[2:4]}{sender.number:04d}{sender.code}"
    if sender.major == "2":
        return f"{start}_{sender.receiver}.V{sender.version.replace('.', '')}"
    return f"{start}_{sender.receiver.zfill(4)}_V{sender.version.replace('.', '-')}-0.{'ACK' if answers else 'SUB'}"
