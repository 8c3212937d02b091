"""The law column: what the law of a territory says of a use, beside the status, which it never changes (RULES 3).

`not_assessed` is the honest answer wherever a court or legislator has not settled the question. Entries are data with
their source and the dates between which they held; they inform, they are not legal advice.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from cantoria.kernel.periods import ALWAYS, Period, parse_moment
from cantoria.kernel.uses import Use

ASSESSED_ON: Final = "2025-06-30"  # what became law later is not in this table


class LawKind(StrEnum):
    """What the law asks for. An extended collective licence is a lawful basis for some uses and never a yes."""

    CONSENT_REQUIRED = "consent_required"
    LAWFUL_WITHOUT_CONSENT = "lawful_without_consent"
    EXTENDED_LICENCE = "extended_licence"
    NOT_ASSESSED = "not_assessed"


@dataclass(frozen=True, slots=True)
class LawEntry:
    """What the law of one country says, on which basis, by which source, in force when."""

    kind: LawKind
    basis: str = ""
    source: str = ""
    period: Period = ALWAYS


NOT_ASSESSED: Final = LawEntry(LawKind.NOT_ASSESSED)
Law = dict[tuple[str, Use], tuple[LawEntry, ...]]

_KR, _ES, _US = "0410", "0724", "0840"
_TRAINING = (Use.TRAIN_NONGENERATIVE, Use.TRAIN_GENERATIVE)


def _since(date: str) -> Period:
    return Period(parse_moment(date))


_ES_MINING = LawEntry(
    LawKind.LAWFUL_WITHOUT_CONSENT,
    "text and data mining of lawfully accessed works, unless the rightholder has reserved it in a machine-readable way",
    "Real Decreto-ley 24/2021 art. 67 (transposing Directive (EU) 2019/790 arts. 3 and 4)",
    _since("2021-11-04"),
)
_ES_TRAINING = LawEntry(
    LawKind.NOT_ASSESSED,
    "whether the mining exception of Real Decreto-ley 24/2021 art. 67 reaches the training of models is not settled; "
    "no extended collective licence is in force (the draft decree of 2024 was withdrawn)",
    "Directive (EU) 2019/790 arts. 3, 4 and 12; draft royal decree of November 2024, withdrawn January 2025",
)
_ES_PERSON = LawEntry(
    LawKind.CONSENT_REQUIRED,
    "use of a person's name, voice or image for advertising, commercial or similar purposes needs express consent",
    "Ley Organica 1/1982 arts. 2.2 and 7.6",
    _since("1982-06-03"),
)
_KR_TRAINING = LawEntry(
    LawKind.NOT_ASSESSED,
    "no text-and-data-mining exception has been enacted; whether fair use (art. 35-5) covers training is not settled",
    "Copyright Act arts. 16, 35-5 and 78",
)
_KR_PERSON = LawEntry(
    LawKind.NOT_ASSESSED,
    "for widely recognised persons the unpermitted use of name, likeness or voice in trade is unfair competition; for "
    "others it is not assessed",
    "Unfair Competition Prevention and Trade Secret Protection Act art. 2(1)(ta), in force since 2022-06-08",
    _since("2022-06-08"),
)
_US_TRAINING = LawEntry(
    LawKind.NOT_ASSESSED,
    "whether training is fair use is decided case by case and before the courts",
    "17 U.S.C. sections 106, 107 and 114",
)
_US_PERSON = LawEntry(
    LawKind.NOT_ASSESSED,
    "state laws on the right of publicity and on digital replicas differ; no federal statute is in force",
    "for example Tennessee Code title 47 chapter 25 part 11, as amended with effect from 2024-07-01",
)

LAW: Final[Law] = {
    (_ES, Use.ANALYSE): (_ES_MINING,),
    **{(_ES, use): (_ES_TRAINING,) for use in _TRAINING},
    **{(_ES, use): (_ES_PERSON,) for use in (Use.VOICE, Use.LIKENESS)},
    **{(_KR, use): (_KR_TRAINING,) for use in (Use.ANALYSE, *_TRAINING, Use.INPUT)},
    **{(_KR, use): (_KR_PERSON,) for use in (Use.VOICE, Use.LIKENESS)},
    **{(_US, use): (_US_TRAINING,) for use in (Use.ANALYSE, *_TRAINING, Use.INPUT)},
    **{(_US, use): (_US_PERSON,) for use in (Use.VOICE, Use.LIKENESS)},
}


def law_of(use: Use, *, country: str, at: int, table: Law | None = None) -> LawEntry:
    """Return what the law of `country` (TIS code) said of `use` at the moment `at`, by `table` (None = the one that
    ships)."""
    entries = (LAW if table is None else table).get((country, use), ())
    return next((entry for entry in entries if entry.period.contains(at)), NOT_ASSESSED)
