"""Codes of the sample world with right check digits: each number gives one code, so no two meet unless planted.

All lie in ranges chosen for the sample (ISRC registrants beginning with `9`, ISWC from T-9), so that none is likely
to be somebody's.
"""

from __future__ import annotations

from typing import Final

from cantoria.app.sample.names import Language
from cantoria.codes import gtin, ipi_base, ipi_name, iswc
from cantoria.codes.iso7064 import mod_11_2, mod_37_36

_COUNTRY: Final = {Language.KOREAN: "KR", Language.SPANISH: "ES", Language.ENGLISH: "QZ"}


def isrc(number: int, *, language: Language, year: int) -> str:
    """Return an ISRC; `number` below 3,600,000, `year` with four digits."""
    registrant, designation = divmod(number, 100_000)
    letter = "ABCDEFGHJKLMNPQRSTUVWXYZ0123456789"[registrant]
    return f"{_COUNTRY[language]}9Z{letter}{year % 100:02d}{designation:05d}"


def work_code(number: int) -> str:
    """Return an ISWC; `number` below 100,000,000."""
    digits = f"9{number:08d}"
    return f"T{digits}{iswc.check_digit(digits)}"


def name_number(number: int) -> str:
    """Return an IPI name number; `number` below 10,000,000."""
    digits = f"99{number:07d}"
    return digits + ipi_name.check_digits(digits)


def base_number(number: int) -> str:
    """Return an IPI base number; `number` below 10,000,000."""
    digits = f"99{number:07d}"
    return f"I{digits}{ipi_base.check_digit(digits)}"


def performer_number(number: int) -> str:
    """Return an IPN, the number of a performer."""
    return str(90_000_000 + number)


def identity(number: int) -> str:
    """Return an ISNI; `number` below 100,000,000."""
    digits = f"0000009{number:08d}"
    return digits + mod_11_2(digits)


def content_code(number: int) -> str:
    """Return a UCI of a recording."""
    return f"G999:SAMPLE-{number:012d}"


def asset(number: int) -> str:
    """Return a YouTube asset id."""
    return f"A9{number * 7919 % 10**14:014d}"


def product(number: int) -> str:
    """Return the GTIN of a release, in the range 0209… that GS1 leaves to a company's internal use."""
    digits = f"0209{number:08d}"
    return digits + gtin.check_digit(digits)


def ddex_party(number: int) -> str:
    """Return a DPID; `number` below 100."""
    digits = f"PADPIDA20991231{number:02d}"
    return digits + mod_37_36(digits)
