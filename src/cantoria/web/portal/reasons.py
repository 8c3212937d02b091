"""A reason of clearance in the visitor's language: which party, which rule, what to do next.

The English sentences are `clearance.explain.MESSAGES`; the catalogue `reasons.po` holds their translations.
"""

from __future__ import annotations

from typing import Any, Final

from markupsafe import Markup, escape

from cantoria.clearance.explain import MESSAGES
from cantoria.clearance.reasons import ReasonCode
from cantoria.web.portal.tongues import Tongue


def N_(text: str) -> str:  # noqa: N802 - gettext's own name for "translate this later"
    """Mark a text as a message; it is translated where it is shown."""
    return text


SOMEBODY: Final = N_("somebody")
THE_ROW: Final = N_("the row")


def code_of(code: ReasonCode | int | str) -> ReasonCode:
    """Return a reason code from itself, its number, or its name in either case."""
    if isinstance(code, str) and not code.isdecimal():
        return ReasonCode[code.upper()]
    return ReasonCode(int(code))


def reason_parts(tongue: Tongue, code: ReasonCode | int | str, *, party: Any = "", subject: Any = "") -> dict[str, Any]:
    """Return `what`, `next_step` and the section `rule` of RULES for a reason, ready to be shown.

    `party` and `subject` are what people call them: plain text, which is escaped, or a link (`Markup`).
    """
    message = MESSAGES[code_of(code)]
    named = {
        "party": escape(party or tongue.gettext(SOMEBODY)),
        "subject": escape(subject or tongue.gettext(THE_ROW)),
    }
    return {
        "what": _filled(tongue.gettext(message.what), named),
        "next_step": _filled(tongue.gettext(message.next_step), named),
        "rule": message.rule,
    }


def reason_text(tongue: Tongue, code: ReasonCode | int | str, *, party: Any = "", subject: Any = "") -> Markup:
    """Return a reason as one line: what is in the way, and what to do next."""
    parts = reason_parts(tongue, code, party=party, subject=subject)
    return Markup("{what}: {next_step}").format(**parts)


def _filled(template: str, named: dict[str, Markup]) -> Markup:
    return escape(template).format(**named)
