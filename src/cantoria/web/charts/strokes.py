"""What the charts of money draw alike: escaped texts that fit, frames, and the patterns that stand for colours.

Lengths are whole hundredths of a unit of the picture, so that no chart computes money with floats.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from typing import Final

from markupsafe import Markup, escape

from cantoria.kernel.shown import shown

UNIT: Final = 100
_WIDE: Final = frozenset("WF")


def words(text: str) -> Markup:
    """Return text by strangers as it may stand in SVG."""
    return escape(shown(text))


def chars_of(text: str) -> int:
    """Return how many narrow letters a text is as wide as, at most: one of Hangul or Han counts two."""
    return sum(2 if unicodedata.east_asian_width(one) in _WIDE else 1 for one in text)


def fitted(text: str, chars: int) -> str:
    """Return a text that is at most so many narrow letters wide; what was cut is marked by an ellipsis."""
    clean = shown(text)
    if chars_of(clean) <= chars:
        return clean
    kept = ""
    for one in clean:
        if chars_of(kept + one) > chars - 1:
            break
        kept += one
    return f"{kept}…"


def number(hundredths: int) -> str:
    """Return a length as SVG writes it."""
    sign = "-" if hundredths < 0 else ""
    whole, part = divmod(abs(hundredths), UNIT)
    return f"{sign}{whole}.{part:02d}".rstrip("0").rstrip(".")


def framed(body: Iterable[str], *, name: str, kind: str, width: int, height: int, title: str, summary: str) -> Markup:
    """Return a picture of so many units with what says it in words; `name` is its id, one of a kind on its page."""
    return Markup(  # noqa: S704 - every text in it went through `words`
        "\n".join(
            [
                f'<svg xmlns="http://www.w3.org/2000/svg" class="chart {kind}" viewBox="0 0 {width} {height}" '
                f'role="img" aria-labelledby="{name}-t {name}-d">',
                f'<title id="{name}-t">{words(title)}</title>',
                f'<desc id="{name}-d">{words(summary)}</desc>',
                *body,
                "</svg>",
            ]
        )
    )


def hatched(name: str, kind: str, mark: str, *, size: int = 7) -> Iterator[str]:
    """Give a pattern: a surface of the class `kind` with the path `mark` on it."""
    yield f'<pattern id="{name}" width="{size}" height="{size}" patternUnits="userSpaceOnUse">'
    yield f'<rect class="{kind}" width="{size}" height="{size}"/><path class="chart-mark" d="{mark}"/></pattern>'


STRIPES: Final = "M-1 8 L8 -1"
CROSSES: Final = "M0 0 L7 7 M7 0 L0 7"
DOTS: Final = "M2.5 3.5 h2"
