"""Tables of what files of the trade say beside registrations and claims: titles, collection, chains of title."""

from __future__ import annotations

from typing import Final

from cantoria.formats.csvfamily.columns import FROM, TERRITORY, TO, Column, Table

_WORK: Final = Column("subject", "reference", True, "", "W0001", "a work")
_ROLE: Final = Column(
    "role", "composer, lyricist, author, arranger, translator, publisher", True, "", "publisher", "on the work's side"
)
TITLES: Final = Table(
    "titles",
    "Other titles of works and recordings, such as the romanised one or a wrong one that is in use.",
    (
        Column("subject", "reference", True, "", "W0001", "a work, recording or release"),
        Column("title", "text", True, "", "Spring Rain", ""),
        Column(
            "kind",
            "alternative, translated, transcribed, formal, first_line, part, incorrect",
            False,
            "alternative",
            "translated",
            "",
        ),
        Column("language", "text", False, "", "en", "as the source writes it"),
    ),
)
COLLECTIONS: Final = Table(
    "collections",
    "What a party collects of a right in a work somewhere. It makes nobody a holder.",
    (
        _WORK,
        Column("party", "reference", True, "", "P0001", "who collects"),
        _ROLE,
        Column("right", "performing, mechanical, synchronisation, neighbouring", True, "", "mechanical", ""),
        Column("share", "percent or fraction", True, "", "50", "of the whole right"),
        TERRITORY,
        FROM,
        TO,
    ),
)
CHAINS: Final = Table(
    "chains",
    "Chains of title: who passed rights in a work to whom.",
    (
        _WORK,
        Column("grantor", "reference", False, "", "P0001", "who passes rights on, where it is named"),
        Column("acquirer", "reference", True, "", "P0002", "to whom"),
        Column(
            "kind",
            "original, administration, sub_publication, acquisition, income",
            False,
            "original",
            "original",
            "",
        ),
        TERRITORY,
        FROM,
        TO,
        Column("agreement", "text", False, "", "A-2026-7", "your number of the agreement"),
    ),
)
