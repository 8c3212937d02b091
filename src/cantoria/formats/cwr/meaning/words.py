"""CWR's codes in Cantoria's words, and back. Crosswalk: docs/reference/cwr-meaning.md."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from cantoria.registry.answer_facts import AnswerStatus
from cantoria.registry.trade_facts import ChainKind, TitleKind
from cantoria.registry.types import Right, Role, WorkKind

# Table "Writer Role" (2.x: Writer Designation). AD, SA, SR and PA have no word of their own in the registry.
WRITER_ROLES: Final = MappingProxyType(
    {
        "C": Role.COMPOSER,
        "A": Role.LYRICIST,
        "CA": Role.AUTHOR,
        "AR": Role.ARRANGER,
        "TR": Role.TRANSLATOR,
        "AD": Role.TRANSLATOR,  # author of an adapted text
        "SA": Role.LYRICIST,  # author of a text that stands for the original one
        "SR": Role.ARRANGER,
        "PA": Role.AUTHOR,
    }
)
NEAREST_ROLES: Final = frozenset({"AD", "SA", "SR", "PA"})
WRITER_CODES: Final = MappingProxyType(
    {
        Role.COMPOSER: "C",
        Role.LYRICIST: "A",
        Role.AUTHOR: "CA",
        Role.ARRANGER: "AR",
        Role.TRANSLATOR: "TR",
    }
)

# Table "Publisher Role": those that hold rights even where no share is written beside them, and how each link of a
# chain of publishers passes rights to the next.
HOLDING: Final = frozenset({"E", "AQ", ""})
CHAIN_KINDS: Final = MappingProxyType(
    {
        "E": ChainKind.ORIGINAL,
        "AM": ChainKind.ADMINISTRATION,
        "SE": ChainKind.SUB_PUBLICATION,
        "AQ": ChainKind.ACQUISITION,
        "PA": ChainKind.INCOME,
        "ES": ChainKind.ADMINISTRATION,  # acts in the place of the one before it
    }
)
PUBLISHER_CODES: Final = MappingProxyType(
    {
        ChainKind.ORIGINAL: "E",
        ChainKind.ADMINISTRATION: "AM",
        ChainKind.SUB_PUBLICATION: "SE",
        ChainKind.ACQUISITION: "AQ",
        ChainKind.INCOME: "PA",
    }
)

# Table "Title Type".
TITLE_KINDS: Final = MappingProxyType(
    {
        "AT": TitleKind.ALTERNATIVE,
        "AL": TitleKind.ALTERNATIVE,
        "ET": TitleKind.ALTERNATIVE,
        "RT": TitleKind.ALTERNATIVE,
        "OT": TitleKind.ALTERNATIVE,
        "OL": TitleKind.TRANSCRIBED,
        "TT": TitleKind.TRANSLATED,
        "FT": TitleKind.FORMAL,
        "TE": TitleKind.FIRST_LINE,
        "PT": TitleKind.PART,
        "IT": TitleKind.INCORRECT,
    }
)
TITLE_CODES: Final = MappingProxyType(
    {
        TitleKind.ALTERNATIVE: "AT",
        TitleKind.TRANSCRIBED: "OL",
        TitleKind.TRANSLATED: "TT",
        TitleKind.FORMAL: "FT",
        TitleKind.FIRST_LINE: "TE",
        TitleKind.PART: "PT",
        TitleKind.INCORRECT: "IT",
    }
)

RIGHTS: Final = (("pr", Right.PERFORMING), ("mr", Right.MECHANICAL), ("sr", Right.SYNCHRONISATION))

# Table "Transaction Status" of 2.x and 3.x, and CWR's agreement types of the two kinds of publishing agreements.
STATUSES: Final = MappingProxyType(
    {
        "RA": AnswerStatus.RECEIVED,
        "AS": AnswerStatus.ACCEPTED,
        "SR": AnswerStatus.ACCEPTED_PAYABLE,
        "AC": AnswerStatus.ACCEPTED_CHANGED,
        "CR": AnswerStatus.ACCEPTED_CHANGED_PAYABLE,
        "DU": AnswerStatus.DUPLICATE,
        "CO": AnswerStatus.CONFLICT,
        "RJ": AnswerStatus.REJECTED,
        "RC": AnswerStatus.CLAIM_REJECTED,
        "NP": AnswerStatus.NO_PARTICIPATION,
        "NA": AnswerStatus.NO_AGREEMENT,
        "WA": AnswerStatus.WRONG_AGREEMENT,
        "DR": AnswerStatus.DEREGISTERED,
        "LD": AnswerStatus.NOT_DEREGISTERED,
        "UN": AnswerStatus.UNKNOWN_WORK,
    }
)
LEVELS: Final = MappingProxyType({"F": "field", "R": "record", "T": "transaction", "G": "group", "E": "file"})
AGREEMENT_KINDS: Final = MappingProxyType(
    {
        "OG": ChainKind.ORIGINAL,
        "OS": ChainKind.ORIGINAL,
        "PG": ChainKind.SUB_PUBLICATION,
        "PS": ChainKind.SUB_PUBLICATION,
    }
)


def work_kind(*, version: str, composite: str, arrangement: str, adaptation: str) -> WorkKind:
    """Return what a work is by its version type, composite type, music arrangement and lyric adaptation."""
    if composite:
        return WorkKind.MEDLEY
    if version != "MOD":
        return WorkKind.ORIGINAL
    changed = arrangement not in ("", "ORI")
    if adaptation == "TRA" and not changed:
        return WorkKind.TRANSLATION
    return WorkKind.ARRANGEMENT
