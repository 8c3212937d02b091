"""The portal's languages: message catalogues, and numbers, money, dates and names as each writes them.

Catalogues are gettext `.po` files, one per area and language, read when the server starts. English is the source.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Final

from babel import Locale, dates, numbers
from babel.messages.pofile import read_po

LANGUAGES: Final[Mapping[str, str]] = {"en": "English", "ko": "한국어", "es": "Español"}
LOCALES: Final = Path(__file__).parent / "locales"
SHARED: Final = ("common", "frame", "reasons")  # the catalogues that every area may use beside its own
Forms = tuple[str, ...]  # a translation: one form, or those of a plural
_MICRO: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Tongue:
    """One language: `gettext` and `ngettext` translate, the rest formats."""

    code: str
    locale: Locale
    _areas: Mapping[str, Mapping[str, Forms]]

    def gettext(self, message: str, /, **values: Any) -> str:
        """Return the message in this language, `%(name)s` filled in."""
        text = self.within("", message)
        return text % values if values else text

    def ngettext(self, one: str, many: str, count: int, /, **values: Any) -> str:
        """Return the form of a message that fits `count`, which is `%(num)s` in it.

        English and Spanish tell one from many, Korean has one form.
        """
        return self.counted("", one, many, count) % {"num": self.number(count), **values}

    def within(self, area: str, message: str) -> str:
        """Return a message as an area's own catalogue has it, else as the common ones do; nothing is filled in."""
        found = self._found(area, message)
        return found[0] if found and found[0] else message

    def counted(self, area: str, one: str, many: str, count: int) -> str:
        """Return the form of a message that fits `count`, in the same way."""
        forms = self._found(area, one)
        if not forms or not all(forms):
            return one if count == 1 else many
        return forms[0 if count == 1 else len(forms) - 1]

    def _found(self, area: str, message: str) -> Forms:
        for name in (area, *SHARED):
            found = self._areas.get(name, {}).get(message)
            if found:
                return found
        return ()

    def number(self, value: int | float | Decimal) -> str:
        """Return a number with this language's groups."""
        if type(value) is int and value >= 0:  # as Babel writes it, without reading its pattern again
            return f"{value:,}".replace(",", _group(self.locale))
        return str(numbers.format_decimal(value, locale=self.locale))

    def percent(self, part: int, whole: int) -> str:
        """Return a share with one decimal."""
        share = Decimal(part) / Decimal(whole) if whole else Decimal(0)
        pattern = "#,##0.0 %" if self.code == "es" else "#,##0.0%"
        return str(numbers.format_percent(share, format=pattern, locale=self.locale))

    def money(self, amount: str | Decimal, currency: str) -> str:
        """Return an exact amount in units of the currency, with all its decimals: nothing is rounded."""
        exact = Decimal(amount)
        digits = max(numbers.get_currency_precision(currency), -int(exact.as_tuple().exponent))
        pattern = f"#,##0.{'0' * digits}" if digits else "#,##0"
        return f"{numbers.format_decimal(exact, format=pattern, locale=self.locale)} {currency}"

    def day(self, moment: int) -> str:
        """Return the UTC day of a moment (microseconds since 1970)."""
        return dates.format_date(_when(moment), format="medium", locale=self.locale)

    def date(self, written: str) -> str:
        """Return a day that is written as ISO 8601 does, as this language does; another text as it is."""
        try:
            return dates.format_date(date.fromisoformat(written), format="medium", locale=self.locale)
        except ValueError:
            return written

    def moment(self, moment: int) -> str:
        """Return day and time of a moment, in UTC."""
        shown = dates.format_datetime(_when(moment), format="medium", tzinfo=dates.UTC, locale=self.locale)
        return f"{shown} UTC"

    def territory(self, iso: str) -> str:
        """Return the name of a country by its two letters, or the letters where they name none."""
        return str(self.locale.territories.get(iso, iso))


def tongue_of(code: str) -> Tongue:
    """Return the language of this code, English for one that the portal does not speak."""
    return _tongue(code if code in LANGUAGES else "en")


def preferred(accept_language: str) -> str:
    """Return the best of the portal's languages for an Accept-Language header (RFC 9110 section 12.5.4)."""
    ranked: list[tuple[float, int, str]] = []
    for place, part in enumerate(accept_language[:500].split(",")):
        name, _, weight = part.strip().partition(";q=")
        code = name.strip().lower().split("-")[0]
        if code in LANGUAGES:
            ranked.append((-_weight(weight), place, code))
    ranked.sort()
    return ranked[0][2] if ranked else "en"


def _weight(text: str) -> float:
    try:
        return float(text) if text else 1.0
    except ValueError:
        return 0.0


@cache
def _group(locale: Locale) -> str:
    return str(numbers.get_group_symbol(locale))


@cache
def _tongue(code: str) -> Tongue:
    locale = Locale.parse(code)
    areas: dict[str, dict[str, Forms]] = {}
    for path in sorted((LOCALES / code).glob("*.po")) if code != "en" else []:
        with path.open("rb") as stream:
            catalogue = read_po(stream, locale=code)
        areas[path.stem] = {
            _first(message.id): _forms(message.string) for message in catalogue if message.id and not message.fuzzy
        }
    return Tongue(code, locale, areas)


def _first(text: Any) -> str:
    return str(text if isinstance(text, str) else text[0])


def _forms(said: Any) -> Forms:
    return (said,) if isinstance(said, str) else tuple(said or ())


def _when(moment: int) -> datetime:
    return datetime.fromtimestamp(moment // _MICRO, tz=UTC)
