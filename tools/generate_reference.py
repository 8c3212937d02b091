"""Write the generated pages of docs/reference from the code: reasons, facts, codes, commands, the portal.

python tools/generate_reference.py            write the pages
python tools/generate_reference.py --check    exit 1 when a page is not current
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Final

import typer

from cantoria import codes
from cantoria.app.fact_types import FACTS
from cantoria.clearance.explain import MESSAGES
from cantoria.clearance.reasons import ReasonCode, is_denial, is_open
from cantoria.cli.main import app
from cantoria.consent.reasons import NoEffectReason, line_of
from cantoria.formats.signals.reference import page as signals_page
from cantoria.kernel.facts import ALL_CAPACITIES
from cantoria.ledger.reasons import REMEDY
from cantoria.licensing import LINES as DEAL_LINES
from cantoria.lineage.reasons import LINES as RUN_LINES
from cantoria.mandates import LINES as MANDATE_LINES
from cantoria.registry.facts import REGISTRARS
from cantoria.registry.reasons import CASES

sys.path.insert(0, str(Path(__file__).parents[1]))
from tools.law_page import law_page
from tools.portal_page import portal_page

FOLDER: Final = Path(__file__).parents[1] / "docs" / "reference"
NOTE: Final = "<!-- Written by tools/generate_reference.py (make docs); change the code, not this page. -->\n"


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a Markdown table."""
    lines = ["| " + " | ".join(columns) + " |", "|" + "---|" * len(columns)]
    lines += ["| " + " | ".join(str(cell).replace("|", "\\|") for cell in row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def reasons_page() -> str:
    """Return the page of all reason codes, in order of precedence."""
    rows = []
    for code in ReasonCode:
        message = MESSAGES[code]
        status = "denied" if is_denial(code) else "licensable" if is_open(code) else "unknown"
        what = message.what.format(party="*party*", subject="*subject*")
        step = message.next_step.format(party="*party*", subject="*subject*")
        rows.append((int(code), f"`{code.name.lower()}`", status, what, step))
    return (
        f"# Reasons\n\n{NOTE}\n"
        "Why not: every refusal carries codes that never change their meaning, in order of precedence.\n\n"
        "## Why a row is not cleared\n\n"
        "The status is the strictest over all reasons and territories: denied, unknown, licensable, cleared.\n\n"
        + table(("number", "code", "alone it means", "what it says", "what to do"), rows)
        + "\n## Why a row of a training run is unauthorised\n\n"
        + table(
            ("number", "code", "what it says"),
            ((int(reason), f"`{reason.name.lower()}`", line) for reason, line in RUN_LINES.items()),
        )
        + "\n## Why a recorded statement has no effect\n\n"
        "It is kept and shown, and opens nothing.\n\n"
        + table(
            ("code", "what it says"),
            [(f"`{reason}`", line_of(reason)) for reason in NoEffectReason]
            + [(f"`{reason}`", line) for reason, line in MANDATE_LINES.items()],
        )
        + "\n## Why something said of a blanket deal has no effect\n\n"
        + table(("code", "what it says"), [(f"`{reason}`", line) for reason, line in DEAL_LINES.items()])
        + "\n## What a case is about\n\n"
        + table(("kind", "in words"), [(f"`{kind}`", line) for kind, line in CASES.items()])
        + "\n## Why the ledger does not admit a batch\n\n"
        + table(("code", "what to do"), ((f"`{reason}`", remedy) for reason, remedy in REMEDY.items()))
    )


def facts_page() -> str:
    """Return the page of all fact types."""
    rows = []
    for cls in FACTS:
        kind = cls.TYPE
        who = ", ".join(capacity.name.lower().replace("_", "-") for capacity in sorted(kind.capacities))
        if kind.capacities == ALL_CAPACITIES:
            who = "any"
        elif kind.capacities == REGISTRARS:
            who = "any rights body"
        rows.append((kind.tag, f"`{kind.name}`", _first_sentence(cls), who, "yes" if kind.identity else ""))
    rights_bodies = ", ".join(capacity.name.lower().replace("_", "-") for capacity in sorted(REGISTRARS))
    return (
        f"# Facts\n\n{NOTE}\n"
        "Everything that happens is recorded as one of these. Tags and names are never reused. *Erasable* bodies hold "
        f"identity data that a person may have destroyed. *Any rights body* is: {rights_bodies}.\n\n"
        + table(("tag", "name", "what it says", "recorded in the capacity of", "erasable"), rows)
    )


def codes_page() -> str:
    """Return the page of all identifier schemes."""
    parts = [
        f"# Codes\n\n{NOTE}\n"
        "The identifiers that Cantoria reads. A code is stored without separators and written as a *key*, scheme and "
        "value: `isrc:USUG12400910`. A wrong check digit is an error, except where the field's own data breaks the "
        "rule: then the code is kept with a warning.\n"
    ]
    for scheme, module in codes.MODULES.items():
        text = inspect.cleandoc(str(getattr(module, "__doc__", "")))
        parts.append(f"\n## `{scheme.value}`\n\n{text}\n")
    return "".join(parts)


def commands_page() -> str:
    """Return the page of all commands with their options."""
    root: Any = typer.main.get_command(app)
    context = root.context_class(root, info_name="cantoria")
    parts = [
        f"# Commands\n\n{NOTE}\n"
        "Data goes to stdout, talk to stderr. Exit codes: 0 yes, 1 decided no, 2 usage or input, 3 integrity, "
        "4 unavailable, 70 a defect of ours (CANTORIA_DEBUG=1 shows more), 130 interrupted.\n\n"
        "## Options of every command\n\n" + _options(root, context)
    ]
    parts += [_command(command, context, name) for name, command in _leaves(root, "cantoria")]
    return "".join(parts)


def _leaves(command: Any, name: str) -> list[tuple[str, Any]]:
    found = []
    for verb in sorted(getattr(command, "commands", {})):
        child = command.commands[verb]
        if getattr(child, "commands", None):
            found += _leaves(child, f"{name} {verb}")
        else:
            found.append((f"{name} {verb}", child))
    return found


def _command(command: Any, parent: Any, name: str) -> str:
    context = command.context_class(command, parent=parent, info_name=name)
    text = inspect.cleandoc(command.help or "").replace("\f", "").strip()
    text = re.sub(r"(?m)^Example: (.*)$", r"```\n\1\n```", text)
    return f"\n## `{name}`\n\n{text}\n\n{_options(command, context)}"


def _options(command: Any, context: Any) -> str:
    rows = []
    for parameter in command.params:
        record = parameter.get_help_record(context)
        if record is not None and "--help" not in record[0]:
            rows.append((f"`{_plain(record[0])}`", _plain(record[1])))
    return table(("argument or option", "what it is"), rows) if rows else "No options.\n"


def _plain(text: str) -> str:
    return " ".join(text.split())


def _first_sentence(cls: type[Any]) -> str:
    text = " ".join(inspect.cleandoc(cls.__doc__ or "").split())
    return re.split(r"(?<=\.)\s(?=[A-Z`])", text, maxsplit=1)[0]


PAGES: Final[dict[str, Callable[[], str]]] = {
    "reasons.md": reasons_page,
    "facts.md": facts_page,
    "codes.md": codes_page,
    "cli.md": commands_page,
    "law.md": lambda: law_page(note=NOTE, table=table),
    "portal.md": lambda: portal_page(note=NOTE, table=table),
    "signals.md": lambda: signals_page(note=NOTE, table=table),
}


def stale() -> list[str]:
    """Return the names of pages that differ from what the code says."""
    found = []
    for name, page in PAGES.items():
        path = FOLDER / name
        if not path.exists() or path.read_text("utf-8") != page():
            found.append(name)
    return found


def main() -> int:
    """Write the pages, or with --check only compare them."""
    if "--check" in sys.argv[1:]:
        found = stale()
        print("current" if not found else f"not current (make docs): {', '.join(found)}")
        return 1 if found else 0
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, page in PAGES.items():
        (FOLDER / name).write_text(page(), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
