"""The facts that the ledger itself records: a body was erased, a withheld leaf was demanded, it was delivered."""

from __future__ import annotations

import re
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


LEAF_DEMANDED: Final = FactType(2, "leaf-demanded")
LEAF_DELIVERED: Final = FactType(3, "leaf-delivered")
_HASH: Final = re.compile(r"[0-9a-f]{64}")
_PLACE_MAX: Final = 2**53 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class LeafDemanded:
    """Organisation `of` (a party id) is to hand out leaf number `position`, from 0, of what it recorded or holds.

    Either under the batch whose header is entry `batch` of the log (wanted are the salt and body of that fact), or
    under the `root` (hex) that is recorded over the lines of an attachment (wanted is that line).
    """

    TYPE: ClassVar[FactType] = LEAF_DEMANDED

    of: str
    position: int
    batch: int | None = None
    root: str = ""

    def __post_init__(self) -> None:
        if (self.batch is None) == (not self.root):
            raise InputError("a leaf is demanded of a batch or of an attachment", "name one of batch and root")
        if self.root and not _HASH.fullmatch(self.root):
            raise InputError(f"{self.root!r:.80} is no Merkle root", "give 64 lower-case hex digits")
        if not 0 <= self.position <= _PLACE_MAX or not 0 <= (self.batch or 0) <= _PLACE_MAX:
            raise InputError("a leaf's place is a whole number from 0", "count leaves from 0")

    def subjects(self) -> tuple[str, ...]:
        """Return who is asked, and the root where one is named."""
        return (self.of, self.root) if self.root else (self.of,)


@dataclass(frozen=True, slots=True, kw_only=True)
class LeafDelivered:
    """The leaf that fact `demand` (UUID text) asked for can be fetched from who records this.

    `digest` (hex) is SHA-256 over salt and body of a fact, so that it says nothing once they are erased, or the RFC
    6962 leaf hash of a line.
    """

    TYPE: ClassVar[FactType] = LEAF_DELIVERED

    demand: str
    digest: str

    def __post_init__(self) -> None:
        parse_fact_id(self.demand)
        if not _HASH.fullmatch(self.digest):
            raise InputError(f"{self.digest!r:.80} is no SHA-256", "give 64 lower-case hex digits")

    def subjects(self) -> tuple[str, ...]:
        """Return the demand's fact id."""
        return (self.demand,)
