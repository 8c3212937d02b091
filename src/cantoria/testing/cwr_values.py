"""Values that a CWR field may hold, drawn at random: by format, lookup table or scheme of codes."""

from __future__ import annotations

from random import Random
from typing import Final

from cantoria.codes import gtin, ipi_base, ipi_name, iso7064, iswc
from cantoria.formats.cwr.layout import Field, RecordLayout
from cantoria.formats.cwr.patterns import external_table, spelled

WORDS: Final = (
    *(
        "ALIVE",
        "AMBER",
        "BLUE",
        "BRIDGE",
        "CITY",
        "DANCE",
        "DOOR",
        "ECHO",
        "FIRE",
        "GARDEN",
        "HEART",
        "HOUSE",
        "ISLAND",
    ),
    *("JUNE", "KIND", "LIGHT", "LOVE", "MOON", "NIGHT", "OCEAN", "PAPER", "QUIET", "RAIN", "RIVER", "ROAD", "SILVER"),
    *("SONG", "STAR", "STONE", "SUMMER", "TIME", "TRAIN", "VALLEY", "WALTZ", "WATER", "WIND", "WINTER", "YELLOW"),
)
SOCIETIES: Final = ("010", "021", "034", "038", "040", "044", "052", "055", "058", "074", "079", "118", "128")


def words(rng: Random, *, chars_max: int, count: int = 4) -> str:
    """Return some words of at most that many characters."""
    text = " ".join(rng.choice(WORDS) for _ in range(rng.randint(1, count)))
    return text[:chars_max].rstrip()


def ipi(rng: Random) -> str:
    """Return an IPI name number with right check digits."""
    digits = f"{rng.randint(1, 999_999_999):09d}"
    return digits + ipi_name.check_digits(digits)


def _digits(rng: Random, count: int) -> str:
    return "".join(rng.choice("0123456789") for _ in range(count))


def _code(field: Field, rng: Random) -> str | None:
    table = external_table(field)
    if table == "ext:IPI database":
        digits = _digits(rng, 9)
        return ipi(rng) if field.size == 11 else f"I-{digits}-{ipi_base.check_digit(digits)}"
    if table.startswith("ext:ISWC"):
        digits = _digits(rng, 9)
        return f"T{digits}{iswc.check_digit(digits)}"
    if table.startswith("ext:ISRC"):
        return f"KRA38{_digits(rng, 7)}"
    if table == "ext:EAN-13":
        digits = _digits(rng, 12)
        return digits + gtin.check_digit(digits)
    if table.startswith("ext:ISNI"):
        digits = _digits(rng, 15)
        return digits + iso7064.mod_11_2(digits)
    return None


def value(layout: RecordLayout, field: Field, rng: Random) -> str:
    """Return a valid value of a field of that record."""
    if field.note == "blank":
        return ""
    if field.note.startswith("="):
        return field.note[1:]
    if field.note == "share":
        return f"{rng.choice((0, 2500, 5000, 10000)):05d}"
    texts = spelled(layout, field)
    if texts is not None:
        return rng.choice(sorted(texts)).strip()
    code = _code(field, rng)
    if code is not None:
        return code
    by_format = {
        "B": rng.choice("YN"),
        "F": rng.choice("YNU"),
        "D": f"{rng.randint(1950, 2026)}{rng.randint(1, 12):02d}{rng.randint(1, 28):02d}",
        "T": f"00{rng.randint(0, 59):02d}{rng.randint(0, 59):02d}",
        "N": str(rng.randint(1, 10 ** min(field.size, 3) - 1)),
    }
    return by_format.get(field.fmt) or words(rng, chars_max=field.size)
