"""Why a row of a training run is unauthorised, in order of precedence. Numbers are stable."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from types import MappingProxyType
from typing import Final


class RunReason(IntEnum):
    """Reasons 1 to 9 are about the certificate and concern every row of the run; the others are about one row."""

    NO_CERTIFICATE = 1
    CERTIFICATE_NOT_YET = 2
    CERTIFICATE_EXPIRED = 3
    OTHER_LICENSEE = 4
    OTHER_USE = 5
    OTHER_VERSION = 6
    NOT_IN_CERTIFICATE = 10
    NOT_CLEARED = 11
    NO_LONGER_CLEARED = 12


LINES: Final[Mapping[RunReason, str]] = MappingProxyType(
    {
        RunReason.NO_CERTIFICATE: "the run names no certificate",
        RunReason.CERTIFICATE_NOT_YET: "the run started before the certificate was issued",
        RunReason.CERTIFICATE_EXPIRED: "the certificate had expired when the run started",
        RunReason.OTHER_LICENSEE: "the certificate was issued to somebody else",
        RunReason.OTHER_USE: "the certificate is for another use",
        RunReason.OTHER_VERSION: "the certificate is for another model version",
        RunReason.NOT_IN_CERTIFICATE: "no row of the certificate has the same media and codes",
        RunReason.NOT_CLEARED: "the row was in the certified dataset but was not cleared",
        RunReason.NO_LONGER_CLEARED: "the row was cleared once; the recheck as the run started lost it",
    }
)
