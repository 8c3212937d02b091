"""Exact money in fine units, 10^-6 of the currency's ISO 4217 minor unit, in 64 bits (RULES section 9).

EUR has 2 decimals, so one fine unit is 10^-8 EUR; KRW has none, so it is 10^-6 KRW. Nothing here knows a
float.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, NewType

from cantoria.kernel.errors import InputError

Currency = NewType("Currency", str)

FINE_DIGITS: Final = 6
FINE_PER_MINOR: Final = 10**FINE_DIGITS
FINE_MAX: Final = 2**63 - 1

# ISO 4217 active currencies by number of decimals, and those withdrawn since 2018 that reports still carry.
_CODES: Final = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    2: """AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD
    CDF CHE CHF CHW CNY COP COU CRC CUC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD
    GTQ GYD HKD HNL HRK HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA
    MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON
    RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SLL SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS
    UAH USD USN UYU UZS VED VES WST XAD XCD XCG YER ZAR ZMW ZWG ZWL""",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
EXPONENTS: Final = {code: exponent for exponent, codes in _CODES.items() for code in codes.split()}

_AMOUNT: Final = re.compile(r"(-?)([0-9]{1,20})(?:\.([0-9]{1,12}))?")


def currency_of(text: str) -> Currency:
    """Return `text` as a currency, or raise `InputError` unless it is a known ISO 4217 code in capitals."""
    if text not in EXPONENTS:
        raise InputError(f"unknown currency {text[:20]!r}", "use an ISO 4217 code such as EUR, KRW or USD")
    return Currency(text)


@dataclass(frozen=True, slots=True, order=False)
class Money:
    """An exact amount: `fine` units of `currency`, between -FINE_MAX and FINE_MAX."""

    fine: int
    currency: str

    def __post_init__(self) -> None:
        currency_of(self.currency)
        if type(self.fine) is not int:
            raise InputError(f"{self.fine!r} is not a whole number of fine units", "use Money.parse for decimal text")
        if not -FINE_MAX <= self.fine <= FINE_MAX:
            raise InputError(f"amount {self.fine} exceeds 63 bits of fine units", "split or check the amount")

    @classmethod
    def parse(cls, text: str, currency: str) -> Money:
        """Return the amount written as plain decimal text, exactly.

        `-12.345` is fine; signs other than `-`, exponents, grouping, spaces and digits beyond the fine unit
        are not.
        """
        decimals = EXPONENTS[currency_of(currency)] + FINE_DIGITS
        match = _AMOUNT.fullmatch(text) if len(text) <= 40 else None
        if match is None:
            raise InputError(f"{text[:40]!r} is not an amount", "write plain decimal digits such as 1234.56")
        sign, whole, part = match[1], match[2], (match[3] or "").rstrip("0")
        if len(part) > decimals:
            raise InputError(f"{text} {currency} has more than {decimals} decimals", "round it before it comes in")
        fine = int(whole + part.ljust(decimals, "0"))
        return cls(-fine if sign else fine, currency)

    @classmethod
    def minor(cls, units: int, currency: str) -> Money:
        """Return `units` of the currency's minor unit (cents of EUR, won of KRW)."""
        return cls(units * FINE_PER_MINOR, currency)

    def __add__(self, other: Money) -> Money:
        return Money(self.fine + self._same(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.fine - self._same(other), self.currency)

    def __neg__(self) -> Money:
        return Money(-self.fine, self.currency)

    def format(self) -> str:
        """Return the exact amount as decimal text: the currency's decimals, more only where not zero."""
        exponent = EXPONENTS[self.currency]
        digits = str(abs(self.fine)).rjust(exponent + FINE_DIGITS + 1, "0")
        whole, part = digits[: -exponent - FINE_DIGITS], digits[-exponent - FINE_DIGITS :]
        part = part[:exponent] + part[exponent:].rstrip("0")
        return ("-" if self.fine < 0 else "") + whole + ("." + part if part else "")

    def _same(self, other: Money) -> int:
        if self.currency != other.currency:
            raise InputError(f"{self.currency} and {other.currency} do not add up", "convert one of them first")
        return other.fine
