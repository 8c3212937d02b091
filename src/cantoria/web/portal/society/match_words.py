"""Words in which a comparison is told, marked for the catalogues: `registry.matching.words` says them in English."""

from __future__ import annotations

from typing import Final


def N_(text: str) -> str:  # noqa: N802 - gettext's own name for "translate this later"
    """Mark a text as a message; it is translated where it is shown."""
    return text


FIELDS: Final = (
    N_("title"),
    N_("performers"),
    N_("name"),
    N_("IPI name number"),
    N_("duration"),
    N_("ISWC of the work"),
    N_("other codes"),
    N_("writers"),
    N_("shares"),
    N_("fingerprint"),
    N_("version"),
)
SAID: Final = (
    N_("a little alike"),
    N_("similar"),
    N_("nearly the same, or the same in another script"),
    N_("the same, and rare"),
    N_("some the same"),
    N_("more than 10 s apart"),
    N_("within 10 s"),
    N_("within 4 s"),
    N_("within 1.5 s"),
    N_("differ"),
    N_("agree"),
    N_("one in common"),
    N_("none in common"),
    N_("some in common"),
    N_("the same version by their words"),
    N_("one names a version, the other does not"),
    N_("two different versions"),
    N_("title and performer are exchanged"),
)
