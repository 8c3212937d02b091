"""What all identifier modules share: the scheme names, the checked value and the contract of a module."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Scheme(StrEnum):
    """The identifier schemes that Cantoria knows; the values are stored and never change."""

    ISWC = "iswc"
    ISRC = "isrc"
    IPI_NAME = "ipi_name"
    IPI_BASE = "ipi_base"
    IPN = "ipn"
    ISNI = "isni"
    UCI = "uci"
    YOUTUBE_ASSET = "youtube_asset"
    DPID = "dpid"
    GTIN = "gtin"
    GRID = "grid"
    ISCC = "iscc"
    SOCIETY = "society"
    OWN = "own"


@dataclass(frozen=True, slots=True)
class Checked:
    """A code in stored form, with a warning where its check fails but the code is kept all the same."""

    value: str
    warning: str | None = None


class CodeModule(Protocol):
    """The contract of every identifier module."""

    @property
    def SCHEME(self) -> str:  # noqa: N802 - the modules name it as the constant that it is
        """The scheme of the module."""
        ...

    def compact(self, text: str, /) -> str:
        """Return the stored form: no separators, capitals. `InputError` unless the shape is right."""
        ...

    def validate(self, text: str, /) -> Checked:
        """Return the stored form with its check made: `InputError` or a warning where it fails."""
        ...

    def is_valid(self, text: str, /) -> bool:
        """Tell whether shape and check are right."""
        ...

    def format(self, text: str, /) -> str:
        """Return the printed form of a code of the right shape."""
        ...
