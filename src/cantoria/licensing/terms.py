"""Documents of terms: short texts with a version, and what of them a program has to know.

The digest binds both. A document never changes: another text, or another rule, is another version
(spec/licensing.md, section 5).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from cantoria.clearance.facts import KEEP, Aftermath
from cantoria.kernel import canonical
from cantoria.kernel.codec import to_json
from cantoria.kernel.errors import InputError
from cantoria.licensing.offers import Offer, TermsDigest

TERMS_DOMAIN: Final = b"cantoria/licence-terms/v1\x00"


class ModelRule(StrEnum):
    """Which models a licence is for. THIS_VERSION: the one model version that the offer names; the next needs a new
    licence. ANY_MODEL: every model of the licensee, within use, territory and term."""

    THIS_VERSION = "this_version"
    ANY_MODEL = "any_model"


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """A document of terms: `name` and `version` tell it apart for people, `digest` for everybody else.

    `aftermath` says what a revocation does to existing models (RULES section 6); `attribution` and `label` that the
    licensee must name its sources and label its output as made by AI.
    """

    name: str
    version: str
    title: str
    model_rule: ModelRule
    aftermath: Aftermath = KEEP
    attribution: bool = False
    label: bool = False
    text: str

    @property
    def digest(self) -> TermsDigest:
        """SHA-256 (hex) over the canonical form of everything here, under a domain of its own."""
        return TermsDigest(hashlib.sha256(TERMS_DOMAIN + document(self)).hexdigest())


def document(terms: Terms) -> bytes:
    """Return the canonical JSON of a document of terms: what is kept as an attachment."""
    return canonical.encode(to_json(terms))


def conforms(offer: Offer, terms: Terms) -> None:
    """Raise `InputError` where an offer is not what its terms say."""
    one_version = terms.model_rule is ModelRule.THIS_VERSION
    if one_version and not offer.model_version:
        raise InputError("these terms are for one model version, and the offer names none", "name the model version")
    if not one_version and offer.model_version:
        raise InputError(
            "these terms are for every model of the licensee, and the offer names one version",
            "leave the version out, or choose terms for one version",
        )
    promised = (offer.attribution or not terms.attribution) and (offer.label or not terms.label)
    if offer.terms != terms.digest or not promised:
        raise InputError("the offer does not promise what its terms demand", "promise attribution and label as they do")
