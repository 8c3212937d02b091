"""Read a whole family of tables: in an order in which nothing speaks of what comes later."""

from __future__ import annotations

from collections.abc import Mapping

from cantoria.formats.csvfamily.columns import Table
from cantoria.formats.csvfamily.desk import Context, Desk, Page
from cantoria.formats.csvfamily.rights import ClaimsRead, read_complete, read_public_domain, read_shares
from cantoria.formats.csvfamily.speech import read_delegations, read_statements
from cantoria.formats.csvfamily.standing import dispute, estate, guardian, read_standing, review
from cantoria.formats.csvfamily.tables import FACT_TABLES, TABLES
from cantoria.formats.csvfamily.things import (
    party,
    read_catalogues,
    read_links,
    read_things,
    recording,
    release,
    work,
)
from cantoria.formats.csvfamily.trade import chain, collection, read_said, title
from cantoria.formats.types import Imported
from cantoria.kernel.errors import InputError

_THINGS = {"parties": ("party", party), "works": ("work", work), "recordings": ("recording", recording)}


def table_of(file: str) -> Table:
    """Return the table that a file's name says it is: `shares.csv`, `shares-2026.csv`, `in/shares_kr.csv`."""
    name = file.replace("\\", "/").rpartition("/")[2].lower()
    stem = name.removesuffix(".csv")
    for table in sorted(TABLES.values(), key=lambda table: len(table.name), reverse=True):
        if stem == table.name or stem.startswith((table.name + "-", table.name + "_", table.name + ".")):
            return table
    remedy = f"name the file after one of {', '.join(TABLES)}, or map its columns by `import table`"
    raise InputError(f"{name!r} names no table", remedy)


def read_family(files: Mapping[str, bytes], context: Context, *, tables: Mapping[str, Table] | None = None) -> Imported:
    """Return the facts of all files, in the order in which they are to be recorded, and the findings.

    Tables are told by the files' names, or by `tables` where it names a file. Raises `InputError` for a file that
    cannot be read at all (not CSV, wrong header, too large) and for manifests and plays, which hold no facts.
    """
    order = {table.name: position for position, table in enumerate(FACT_TABLES)}
    sheets = [(file, (tables or {}).get(file) or table_of(file)) for file in files]
    for file, table in sheets:
        if table.name not in order:
            raise InputError(f"{file} is a table of {table.name}, which holds no facts", "read it by its own command")
    desk, claims = Desk(context), ClaimsRead()
    pages = []
    for file, table in sorted(sheets, key=lambda sheet: (order[sheet[1].name], sheet[0])):
        page = desk.open(table, files[file], file=file)
        read_page(desk, page, table, claims)
        pages.append(page)
    return sum((page.imported() for page in pages), Imported())


def read_page(desk: Desk, page: Page, table: Table, claims: ClaimsRead) -> None:
    """Read one table of facts at a desk."""
    match table.name:
        case "parties" | "works" | "recordings" as name:
            kind, build = _THINGS[name]
            read_things(desk, page, kind, build)
        case "releases":
            read_things(desk, page, "release", release)
        case "catalogues":
            read_catalogues(desk, page)
        case "links":
            read_links(desk, page)
        case "titles":
            read_said(desk, page, title)
        case "collections":
            read_said(desk, page, collection)
        case "chains":
            read_said(desk, page, chain)
        case "shares":
            read_shares(desk, page, claims)
        case "public_domain":
            read_public_domain(desk, page)
        case "complete":
            read_complete(desk, page, claims)
        case "delegations":
            read_delegations(desk, page)
        case "statements":
            read_statements(desk, page)
        case "guardians":
            read_standing(desk, page, guardian)
        case "estates":
            read_standing(desk, page, estate)
        case "disputes":
            read_standing(desk, page, dispute)
        case "reviews":
            read_standing(desk, page, review)
        case name:
            raise InputError(f"{name} is no table of facts", "read it by its own command")
