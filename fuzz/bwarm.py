"""BWARM-style files: whatever the bytes, each row has one outcome, and only `InputError` refuses a file."""

from __future__ import annotations

import io
from collections.abc import Iterator

from cantoria.formats import bwarm
from cantoria.kernel.errors import InputError
from fuzz._entries import use

_CELLS = {
    "ISWC": "T0345246801",
    "ISRC": "KRA381900123",
    "ISNI": "000000012281955X",
    "IpiNameNumber": "00014107338",
    "PartyRole": "ComposerLyricist",
    "RightSharePercentage": "33.3333",
    "RightsType": "MechanicalRight|PerformingRight",
    "ValidityStartDate": "2020-01-01",
    "ValidityEndDate": "2021-01-01",
    "TerritoryCode": "US|KR",
    "Duration": "PT3M34S",
    "UnclaimedRightSharePercentage": "12.5",
    "FeedProvidersAllocatingPartyId": "KOMCA",
    "TitleType": "TranslatedTitle",
    "IsArrangementOfTraditionalWork": "true",
    "HasRightsInDispute": "true",
}


def one(data: bytes) -> None:
    """Read, write down, write out."""
    try:
        entries = list(bwarm.read(io.BytesIO(data), file="fuzz"))
    except InputError:
        return
    use(entries)


def seeds() -> Iterator[bytes]:
    """Give a file of each table with two rows."""
    for table in bwarm.TABLES:
        rows = [
            "\t".join(_CELLS.get(column, f"{column[-8:]}{number}") for column in table.columns) for number in (1, 2)
        ]
        yield ("#" + "\t".join(table.columns) + "\n" + "\n".join(rows) + "\n").encode()
