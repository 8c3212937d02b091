"""The reference page of outside signals, from the tables that the code reads (docs/reference/signals.md)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from cantoria.consent.signals import LATEST, RULES, Standard, crosswalk
from cantoria.formats.limits import SIGNALS
from cantoria.formats.signals import Kind
from cantoria.formats.signals.rows import COLUMNS
from cantoria.formats.signals.writing import CATEGORIES, Form

_TITLES: Final = {
    Standard.TDMREP: "W3C TDM Reservation Protocol",
    Standard.RSL: "RSL, Really Simple Licensing",
    Standard.AIPREF: "IETF AIPREF",
    Standard.CONTENT_SIGNAL: "Content-Signal",
    Standard.ROBOTS: "robots.txt",
    Standard.NO_AI: "noai",
    Standard.C2PA: "C2PA",
    Standard.CAWG: "CAWG",
    Standard.DDEX: "DDEX",
    Standard.LICENCE: "Licences",
    Standard.ODRL: "ODRL",
}
_KINDS: Final = {
    Kind.TDMREP: ("/.well-known/tdmrep.json", "`tdmrep`"),
    Kind.ODRL: ("a policy in JSON-LD", "`odrl`"),
    Kind.RSL: ("a licence file, or a feed with licences", "`rsl`"),
    Kind.ROBOTS: ("robots.txt", "`robots`, `aipref`, `content-signal`; a pointer to `rsl`"),
    Kind.HEADERS: ("the header of a response, saved", "`tdmrep`, `aipref`, `noai`; a pointer to `rsl`"),
    Kind.PAGE: ("the head of an HTML page", "`tdmrep`, `noai`, `rsl`"),
    Kind.MANIFEST: ("a C2PA manifest store as the JSON that C2PA tools print", "`cawg`, `c2pa`"),
    Kind.LICENCE: ("LICENSE, README, data set card, Croissant", "`licence`"),
}
Table = Callable[[Sequence[str], Iterable[Sequence[object]]], str]
_HEAD: Final = (
    "What is read, what each category refuses here, and in which order signals of one standard count. The rules\n"
    "are in the [spec](../../spec/signals.md), the reasons in the\n"
    "[explanation](../explanation/outside-signals.md). A signal is nobody's consent: it can refuse a use or point\n"
    "to an offer, and never allows anything."
)


def page(*, note: str, table: Table) -> str:
    """Return the page; `table` draws a table of Markdown from its head and rows."""
    return "\n".join(
        (
            f"# Outside signals\n\n{note}\n{_HEAD}\n\n## Files\n",
            table(("`--kind`", "what it is", "standards in it"), [(f"`{kind}`", *_KINDS[kind]) for kind in Kind]),
            f"{_limits()}\n\n## Columns beside a row of a manifest\n",
            f"{', '.join(f'`{name}`' for name in COLUMNS)}: see [manifest.csv](csv.md). A no there refuses its row.\n",
            f"## What a no refuses\n\nCrosswalk of version `{LATEST}`. Any other category refuses nothing.\n",
            *(_standard(standard, table) for standard in Standard),
            "## Which signals of one standard stand\n",
            table(("standard", "of what was found together for one resource"), _rules()),
            "## What is written\n\n`cantoria signal export --as …` says of each category the strictest of what "
            "stands of the\nuses behind it.\n",
            table(("`--as`", "categories"), [(f"`{form}`", _names(CATEGORIES[form])) for form in Form]),
        )
    )


def _names(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _rules() -> list[tuple[str, str]]:
    return [(_TITLES[standard], RULES[standard].says) for standard in Standard]


def _standard(standard: Standard, table: Table) -> str:
    known = crosswalk()
    rows = [
        (f"`{line.category}`", _names(sorted(line.uses)) or "nothing", line.because)
        for line in known.lines
        if line.standard is standard
    ]
    head = f"### {_TITLES[standard]} (`{standard}`)\n\n{known.sources[standard]}.\n\n"
    return head + table(("category", "a no refuses", "because"), rows)


def _limits() -> str:
    kilobyte = 1024
    megabyte = 1024 * kilobyte
    robots, page_, file = (
        limit // kilobyte for limit in (SIGNALS.robots_bytes_max, SIGNALS.page_bytes_max, SIGNALS.file_bytes_max)
    )
    store, header = SIGNALS.manifest_bytes_max // megabyte, SIGNALS.header_bytes_max // kilobyte
    lines = (
        f"A file has at most {file} KiB (a manifest store {store} MiB, a header {header} KiB); a longer one is",
        f"refused before the rest is read. Of robots.txt, a page and a licence file the beginning is read ({robots},",
        f"{page_} and {file} KiB). JSON nests at most {SIGNALS.depth_max} deep, with at most {SIGNALS.values_max:,}",
        f"values; XML has no document type and no entities; a file has at most {SIGNALS.rules_max:,} rules.",
    )
    return "\n".join(lines)
