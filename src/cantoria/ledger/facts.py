"""The one fact that the ledger itself records: that a body was erased."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Final

from cantoria.kernel import canonical
from cantoria.kernel.errors import InputError
from cantoria.kernel.facts import FactType
from cantoria.ledger.envelope import parse_fact_id

BODY_ERASED: Final = FactType(1, "body-erased")


class ErasureBasis(StrEnum):
    """On what ground a body is erased (GDPR article 17(1) and its kin elsewhere)."""

    NO_LONGER_NEEDED = "no_longer_needed"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    OBJECTION = "objection"
    UNLAWFUL = "unlawful"
    LEGAL_OBLIGATION = "legal_obligation"
    CHILD = "child"


@dataclass(frozen=True, slots=True)
class BodyErased:
    """The body and salt of fact `target` (UUID text) were destroyed on legal ground `basis`."""

    TYPE: ClassVar[FactType] = BODY_ERASED

    target: str
    basis: ErasureBasis

    def subjects(self) -> tuple[str, ...]:
        """Return the erased fact's id."""
        return (self.target,)

    def body(self) -> bytes:
        """Return the canonical body."""
        return canonical.encode({"basis": self.basis.value, "target": self.target})


def read_body_erased(body: bytes) -> BodyErased:
    """Return the fact in a canonical body, or raise `InputError`."""
    fields = canonical.decode(body)
    if not isinstance(fields, dict) or set(fields) != {"basis", "target"}:
        raise InputError("an erasure names its target and its basis, nothing else")
    target, basis = fields["target"], fields["basis"]
    if not isinstance(target, str) or not isinstance(basis, str) or basis not in set(ErasureBasis):
        raise InputError(f"{basis!r} is no ground for erasure", "use one of " + ", ".join(ErasureBasis))
    parse_fact_id(target)
    return BodyErased(target, ErasureBasis(basis))
