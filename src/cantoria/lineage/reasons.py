"""Why a row of a training run is unauthorised, in order of precedence. Numbers are stable."""

from __future__ import annotations

from enum import IntEnum


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
