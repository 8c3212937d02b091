"""The reference page of the family, made from its tables, so that page and reader cannot drift apart."""

from __future__ import annotations

from typing import Final

from cantoria.formats.csvfamily.columns import Table
from cantoria.formats.csvfamily.tables import TABLES
from cantoria.formats.limits import CSV

_HEAD: Final = """# The CSV family

Example first. Two files make a catalogue of one work and one recording:

```csv
party,kind,name,ipi_name
P0001,person,Kim Minji,
P0002,organisation,Blue Records,
```

```csv
recording,title,artist,isrc,works
R0001,Spring Rain,Minji & Band,KRA381900123,W0001
```

```
cantoria import csv parties.csv works.csv recordings.csv shares.csv complete.csv
```

## Rules for every file

- UTF-8, with or without a byte order mark; comma between cells; RFC 4180 quotes; one header line. Columns may stand in
  any order; a missing optional column means its default in every row; an unknown column is passed over with a finding.
- The file's name says which table it is (`shares.csv`, `shares-2026.csv`), and so does `--table`.
- **Keys.** You name things by your own keys, such as `W0001`: up to 128 printable characters, without `|` and without
  `:`. A key names one thing in all your files. It is recorded as the code `own:NAMESPACE:W0001` (`NAMESPACE` is yours),
  so a later file finds the same thing again and corrects or adds to it. A recording, work or release that carries a
  code known already (ISRC, ISWC, GTIN, GRid) is taken to be the thing known by it.
- **References** are your keys; or codes with scheme (`isrc:KRA381900123`, `own:KOMCA:100000000001`); or Cantoria's own
  ids (`party_…`).
- **Lists** are separated by `|`.
- **Territories** are expressions of TIS codes or ISO country codes, `2136` being the world: `2136 -US`, `KR`, `EU -FR`.
- **Dates** are `2026-11-20` (00:00 UTC) or exact times with offset. Periods include `from` and exclude `to`.
- **Shares** are percent (`33.3333`, exactly as written) or exact fractions (`1/3`): from 0 to 100 percent. Where the
  shares of one right add up to more than the whole, all are recorded with a finding, and a case is opened. Nothing is
  ever overwritten by somebody else's claim.
- **yes, no** cells take `yes`, `no`, `true`, `false`, `1`, `0`.
- Text that a spreadsheet would take for a formula (`=1+1`) is text; an apostrophe before it (`'=1+1`) is not part of
  it. Control characters are refused.
- **A bad row never hides a good one.** Each gets a finding with file, line, column, value and remedy. Rows received =
  rows registered + refused + duplicate + passed over. Plays dated in the future are refused; a period that begins in
  the future is taken, with a finding.
- Completeness statements list the claims on record when the file is read, your `shares.csv` included. When one of them
  changes, or another claim comes in, the statement no longer counts and has to be made anew.
"""


def page() -> str:
    """Return the reference page as Markdown."""
    limits = (
        f"- Limits: {CSV.file_bytes_max // 1024**2} MiB and {CSV.records_max:,} rows a file, {CSV.columns_max} columns,"
        f" {CSV.cell_chars_max:,} characters a cell, {CSV.list_items_max:,} items a list.\n"
    )
    return _HEAD + limits + "".join(_section(table) for table in TABLES.values())


def _section(table: Table) -> str:
    rows = [
        "| "
        + " | ".join(_cell(text) for text in (f"`{c.name}`", c.kind, _need(c.required, c.default), c.about))
        + " |\n"
        for c in table.columns
    ]
    shown = [column for column in table.columns if column.example]
    header = ",".join(column.name for column in shown)
    example = ",".join(column.example.split(" or ")[0] for column in shown)
    return (
        f"\n## {table.name}.csv\n\n{table.about}\n\n| column | a cell is | empty or missing means | about |\n"
        f"|---|---|---|---|\n{''.join(rows)}\n```csv\n{header}\n{example}\n```\n"
    )


def _need(required: bool, default: str) -> str:
    return "not allowed" if required else default or "nothing"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
