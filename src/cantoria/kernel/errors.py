"""The three ways in which anything can fail; HTTP and exit codes are mapped only at the edge."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(eq=False)
class CantoriaError(Exception):
    """Base of every failure that Cantoria raises on purpose.

    `message` says what is wrong with which value, `remedy` what a person can do about it.
    """

    message: str
    remedy: str = ""
    context: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        where = "".join(f" [{key}: {value}]" for key, value in self.context.items())
        remedy = f" ({self.remedy})" if self.remedy else ""
        return f"{self.message}{where}{remedy}"


class InputError(CantoriaError):
    """What was given is wrong: fix it and try again."""


class IntegrityError(CantoriaError):
    """Something recorded contradicts itself: stop, do not guess."""


class UnavailableError(CantoriaError):
    """A part does not answer: retry with the same key."""
