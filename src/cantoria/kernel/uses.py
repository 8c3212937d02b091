"""The nine uses of music by AI (RULES section 1). A yes to one use is a yes to that use alone."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Use(StrEnum):
    ANALYSE = "analyse"
    TRAIN_NONGENERATIVE = "train_nongenerative"
    TRAIN_GENERATIVE = "train_generative"
    INPUT = "input"
    STYLE = "style"
    VOICE = "voice"
    LIKENESS = "likeness"
    RELEASE_OUTPUT = "release_output"
    ADVERTISE = "advertise"


ALL_USES: Final = frozenset(Use)
# Families exist so that a refusal can be wide in one word; a yes always names its uses.
FAMILIES: Final[dict[str, frozenset[Use]]] = {
    "all": ALL_USES,
    "training": frozenset({Use.ANALYSE, Use.TRAIN_NONGENERATIVE, Use.TRAIN_GENERATIVE}),
    "generation": frozenset({Use.INPUT, Use.STYLE, Use.VOICE, Use.LIKENESS}),
    "persona": frozenset({Use.STYLE, Use.VOICE, Use.LIKENESS}),
    "output": frozenset({Use.RELEASE_OUTPUT, Use.ADVERTISE}),
}
