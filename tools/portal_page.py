"""The page docs/reference/portal.md: every page and form of the portal, who may do what, and the kinds of job."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from cantoria.app.access.permissions import ROLES, TAKES_TWO, Permission, Role
from cantoria.app.jobs.kinds import KINDS
from cantoria.web.portal.areas import AREAS
from cantoria.web.portal.page import FORM_BYTES_MAX, Area, FormRoute, PageRoute

Table = Callable[[Sequence[str], Iterable[Sequence[object]]], str]
_AREAS: Final = {
    "frame": ("Start, search, help", "Open to everybody."),
    "registry": (
        "What is registered",
        "Open to everybody. A thing is named by its id or by any code of it: `/recordings/isrc:KRA381900123`.",
    ),
    "decide": ("Decisions, requests, negotiations", "What a person allows, and the licences they are asked for."),
    "money": (
        "Money and coverage",
        "Statements are for those whom they are about, pools and coverage for everybody.",
    ),
    "developer": ("Datasets and requests of AI developers", "Seen by the organisation whose datasets they are."),
    "trace": ("Certificates, models, the ledger", "Open to everybody: this is what anybody checks."),
    "society": ("Files, matches, cases, members, jobs", "The work of a society, label or register. Cases are public."),
    "access": (
        "Accounts",
        "Who somebody is, and what takes a second person. A key opens none of them.",
    ),
}
_ROLES: Final = {
    Role.PERSON: "acts for themselves",
    Role.MANAGER: "acts for those who gave a mandate, as far as the ledger bears it out",
    Role.OWNER: "runs an organisation's account",
    Role.RIGHTS: "works for a society, publisher or label",
    Role.REVIEWER: "decides about matches and conflicts",
    Role.FINANCE: "pays",
    Role.DEVELOPER: "clears datasets for an AI developer",
    Role.AUDITOR: "reads",
}
_PERMISSIONS: Final = {
    Permission.DECIDE: "say stop, no, ask or yes, and take it back",
    Permission.ANSWER_REQUESTS: "approve, decline or counter an ask for a licence",
    Permission.READ_EARNINGS: "read statements of account",
    Permission.SUBMIT_FILES: "read files of the trade in",
    Permission.REVIEW_MATCHES: "decide what a machine proposed",
    Permission.DECIDE_CASES: "answer in, pass on and decide conflicts",
    Permission.ONBOARD_MEMBERS: "register persons and open their accounts",
    Permission.PAY: "pay out",
    Permission.CLEAR_DATASETS: "hand a manifest in and have it cleared",
    Permission.ASK_LICENCES: "ask holders for licences",
    Permission.MANAGE_STAFF: "invite colleagues, set their roles",
    Permission.MANAGE_KEYS: "make and end API keys",
    Permission.READ_AUDIT: "read the audit log of the organisation",
}


def portal_page(*, note: str, table: Table) -> str:
    """Return the page; `table` draws a Markdown table."""
    return (
        f"# The portal\n\n{note}\n"
        "Every page and form that `cantoria serve` has for a house, who may use it, and the jobs that it runs.\n"
        "[How to run it](../how-to/run-the-portal.md). [For programs](api.md#the-portals-pages-and-forms), with "
        "every parameter\nand field, the same is in OpenAPI 3.1 at `/v1/openapi.json`.\n\n"
        "A page's *twin* is the same value as JSON, at the address with `.json` behind its path (`/index.json` for the "
        "start). Every page takes\n`as_of=SIZE`, the ledger size to speak of. A form is sent by its page, "
        "or as JSON to its address with `.json` behind it.\n\n"
        "*Who may*: everybody; whoever is signed in; or a permission of the table below, which is also the scope of a "
        "key. Beyond that a page\nshows what belongs to whoever asks, and a form touches nothing else.\n\n"
        + _roles(table)
        + "".join(_area(area, table) for area in AREAS)
        + _jobs(table)
    )


def _roles(table: Table) -> str:
    granted = (
        (
            f"`{permission}`" + (" ²" if permission in TAKES_TWO else ""),
            _PERMISSIONS[permission],
            *("●" if permission in ROLES[role] else "" for role in Role),
        )
        for permission in Permission
    )
    return (
        "## Roles and permissions\n\n"
        + table(("role", "who it is for"), ((f"`{role}`", _ROLES[role]) for role in Role))
        + "\n"
        + table(("permission", "to", *(role.value for role in Role)), granted)
        + "\n² takes two people of the organisation: one proposes, another who has the permission, too, approves.\n"
    )


def _area(area: Area, table: Table) -> str:
    title, about = _AREAS[area.name]
    text = f"\n## {title}\n\n{about}\n\n"
    text += table(("page", "who may", "what it is"), (_page(one) for one in area.pages))
    if area.forms:
        text += "\n" + table(("form", "who may", "what it does"), (_form(one) for one in area.forms))
    return text


def _page(page: PageRoute) -> tuple[str, str, str]:
    text = page.summary
    if page.files:
        text += f" (a file: {', '.join(f'`{kind}`' for kind in page.files)})"
    return f"`{_shown(page.path)}`", _who(page), text


def _form(form: FormRoute) -> tuple[str, str, str]:
    text = form.summary
    if form.bytes_max != FORM_BYTES_MAX:
        text += f" (at most {form.bytes_max // (1 << 20)} MiB)"
    return f"`POST {_shown(form.path)}`" + (" ¹" if form.writes else ""), _who(form), text


def _shown(path: str) -> str:
    return path.replace(":path}", "}")


def _who(route: PageRoute | FormRoute) -> str:
    if route.needs is not None:
        return f"`{route.needs}`"
    return "signed in" if route.signed_in else "everybody"


def _jobs(table: Table) -> str:
    rows = ((f"`{name}`", f"`{kind.needs}`", kind.about) for name, kind in sorted(KINDS.items()))
    return (
        "\n¹ runs as the house's only writer, and is done once under an idempotency key.\n\n"
        "## Jobs\n\n"
        "Long work has one id in the portal (`/jobs/{job}`), in the twin (`/jobs/{job}.json`) and on the command line "
        "(`cantoria job show JOB`).\nIts state is `queued`, `running`, `done`, `failed` or `cancelled`. A job that was "
        "cut off is begun again by the next runner.\n\n" + table(("kind", "who may", "what it does"), rows)
    )
