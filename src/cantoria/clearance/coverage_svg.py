"""A heat map of coverage as SVG: readable without colour, in light and dark, on a screen and by a screen reader.

Each cell says its numbers in text; the bar below them is told by pattern as well as by colour; title and description
say the whole map in words. There is no script and nothing from elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Final

from cantoria.clearance.coverage import Cell, Coverage
from cantoria.clearance.types import Status
from cantoria.kernel.periods import format_moment
from cantoria.kernel.shown import shown

LEFT, TOP, WIDTH, HEIGHT, GAP = 176, 112, 128, 66, 6
BAR: Final = WIDTH - 20
ORDER: Final = (Status.CLEARED, Status.LICENSABLE, Status.DENIED, Status.UNKNOWN)
_STYLE: Final = """
  .page { fill: #ffffff }
  .name { fill: #1f2328; font-size: 13px; font-weight: 600 }
  .head { fill: #1f2328; font-size: 17px; font-weight: 600 }
  .say { fill: #57606a; font-size: 12px }
  .big { fill: #1f2328; font-size: 15px; font-weight: 600 }
  .small { fill: #424a53; font-size: 10.5px }
  .cell { stroke: #8c959f; stroke-width: 1 }
  .s0 { fill: #ffffff } .s1 { fill: #eaf5ec } .s2 { fill: #d2ebd7 } .s3 { fill: #b4dcbd } .s4 { fill: #94cda2 }
  .edge { stroke: #57606a; stroke-width: 0.8; fill: none }
  .cleared { fill: #1a7f37 } .licensable { fill: #bf8700 } .denied { fill: #cf222e } .unknown { fill: #8c959f }
  .mark { stroke: #ffffff; stroke-width: 1.6; fill: none } .dot { fill: #ffffff }
  @media (prefers-color-scheme: dark) {
    .page { fill: #0d1117 }
    .name, .head, .big { fill: #e6edf3 }
    .say { fill: #9da7b3 } .small { fill: #c3ccd6 }
    .cell { stroke: #6e7681 }
    .s0 { fill: #0d1117 } .s1 { fill: #10241a } .s2 { fill: #123222 } .s3 { fill: #15422b } .s4 { fill: #1a5535 }
    .edge { stroke: #9da7b3 }
    .cleared { fill: #3fb950 } .licensable { fill: #d29922 } .denied { fill: #f85149 } .unknown { fill: #6e7681 }
    .mark { stroke: #0d1117 } .dot { fill: #0d1117 }
  }
"""
# Cleared is plain, licensable striped, denied crossed, unknown dotted.
_PATTERNS: Final = """<defs>
<pattern id="licensable" width="6" height="6" patternUnits="userSpaceOnUse">
<rect class="licensable" width="6" height="6"/>
<path class="mark" d="M-1 7 L7 -1"/></pattern>
<pattern id="denied" width="7" height="7" patternUnits="userSpaceOnUse"><rect class="denied" width="7" height="7"/>
<path class="mark" d="M0 0 L7 7 M7 0 L0 7"/></pattern>
<pattern id="unknown" width="5" height="5" patternUnits="userSpaceOnUse"><rect class="unknown" width="5" height="5"/>
<circle class="dot" cx="2.5" cy="2.5" r="1.1"/></pattern>
</defs>"""


def heat_map(coverage: Coverage) -> str:
    """Return the heat map of a coverage as an SVG document: uses downwards, territories across."""
    uses, territories = coverage.uses(), coverage.territories()
    width = max(LEFT + len(territories) * (WIDTH + GAP) + 16, 640)
    height = TOP + len(uses) * (HEIGHT + GAP) + 44
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" '
            'aria-labelledby="t d" font-family="system-ui, sans-serif">',
            f'<title id="t">{_text(_title(coverage))}</title>',
            f'<desc id="d">{_text(_description(coverage))}</desc>',
            f"<style>{_STYLE}</style>",
            _PATTERNS,
            f'<rect class="page" width="{width}" height="{height}"/>',
            f'<text class="head" x="16" y="30">{_text(_title(coverage))}</text>',
            f'<text class="say" x="16" y="52">{_text(_says(coverage))}</text>',
            *_legend(),
            *(
                f'<text class="name" x="{LEFT + column * (WIDTH + GAP) + WIDTH // 2}" y="{TOP - 8}" '
                f'text-anchor="middle">{_text(_short(territory))}</text>'
                for column, territory in enumerate(territories)
            ),
            *(
                f'<text class="name" x="16" y="{TOP + row * (HEIGHT + GAP) + HEIGHT // 2 + 4}">{_text(use)}</text>'
                for row, use in enumerate(uses)
            ),
            *(
                line
                for row, use in enumerate(uses)
                for column, territory in enumerate(territories)
                for line in _cell(coverage.cell(use, territory), column=column, row=row)
            ),
            f'<text class="say" x="16" y="{height - 16}">By consent alone: only the yes of every holder clears. '
            "What the law says is another column.</text>",
            "</svg>\n",
        ]
    )


def _cell(cell: Cell, *, column: int, row: int) -> Iterator[str]:
    x, y = LEFT + column * (WIDTH + GAP), TOP + row * (HEIGHT + GAP)
    yield f"<g><title>{_text(_words(cell))}</title>"
    yield f'<rect class="cell s{_step(cell)}" x="{x}" y="{y}" width="{WIDTH}" height="{HEIGHT}" rx="5"/>'
    yield (
        f'<text class="big" x="{x + 10}" y="{y + 20}">{cell.share(Status.CLEARED)} % '
        f'<tspan class="small" font-weight="400">cleared</tspan></text>'
    )
    left = x + 10
    for status, length in _lengths(cell):
        fill = "" if status is Status.CLEARED else f' fill="url(#{status.value})"'
        kind = ' class="cleared"' if status is Status.CLEARED else ""
        yield f'<rect{kind} x="{left}" y="{y + 28}" width="{length}" height="10"{fill}/>'
        left += length
    yield f'<rect class="edge" x="{x + 10}" y="{y + 28}" width="{BAR}" height="10"/>'
    shares = " · ".join(f"{status.value[0].upper()} {cell.share(status)}" for status in ORDER[1:])
    yield f'<text class="small" x="{x + 10}" y="{y + 54}">{shares}</text></g>'


def _lengths(cell: Cell) -> Iterator[tuple[Status, int]]:
    """Give the lengths of the bar's parts in whole units: their ends are rounded down, so that they fill it."""
    rows, before, end = cell.rows, 0, 0
    for status in ORDER:
        before += cell.counts.get(status, 0)
        start, end = end, before * BAR // rows if rows else 0
        if end > start:
            yield status, end - start


def _legend() -> Iterator[str]:
    x = 16
    for status, mark in zip(ORDER, ("plain", "striped", "crossed", "dotted"), strict=True):
        fill = "" if status is Status.CLEARED else f' fill="url(#{status.value})"'
        kind = ' class="cleared"' if status is Status.CLEARED else ""
        yield f'<rect{kind} x="{x}" y="64" width="26" height="10"{fill}/>'
        word = f"{status.value} ({status.value[0].upper()}, {mark})"
        yield f'<text class="say" x="{x + 32}" y="73">{word}</text>'
        x += 48 + 7 * len(word)


def _step(cell: Cell) -> int:
    """Return how strongly a cell is tinted: 0 nothing cleared, 4 all but everything."""
    share = cell.share(Status.CLEARED)
    return 0 if not share else min(4, 1 + share // 25)


def _title(coverage: Coverage) -> str:
    return f"Coverage of {_short(coverage.title, 60)}"


def _says(coverage: Coverage) -> str:
    return (
        f"{coverage.rows:,} rows, as of ledger size {coverage.size:,} and {format_moment(coverage.at)[:10]}; "
        "numbers are percent of the rows"
    )


def _description(coverage: Coverage) -> str:
    cells = " ".join(_words(cell) + "." for cell in coverage.cells)
    return f"Heat map, uses downwards and territories across. {_says(coverage)}. {cells}"


def _words(cell: Cell) -> str:
    counts = ", ".join(f"{cell.counts.get(status, 0):,} {status.value}" for status in ORDER)
    return f"{cell.use} in {cell.territory}: {counts}"


def _short(text: str, chars_max: int = 16) -> str:
    return text if len(text) <= chars_max else text[: chars_max - 1] + "…"


def _text(text: str) -> str:
    """Return text by strangers as it may stand in SVG."""
    return escape(shown(text))
