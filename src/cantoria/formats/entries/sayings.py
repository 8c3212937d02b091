"""What an entry says of holders: claims, what is collected, and chains of title, each with an id of its own.

The id depends on what is said and by whom, so that the same entry read again says the same thing.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from cantoria.formats.csvfamily.desk import derived_id
from cantoria.formats.entries.scribe import Scribe
from cantoria.formats.entries.types import Chain, Collection, Share
from cantoria.kernel.facts import Source
from cantoria.kernel.ids import ClaimId, PartyId
from cantoria.registry.facts import ShareClaimed
from cantoria.registry.trade_facts import ChainAsserted, CollectionClaimed


class Sayings:
    """Writes down what one entry says of holders, into a list of facts."""

    def __init__(self, scribe: Scribe, source: Source, facts: list[Any]) -> None:
        self._scribe, self._source, self._facts = scribe, source, facts
        self._sender = scribe.context.sender

    def shares(self, subject: str, shares: Iterable[Share], *, whole: bool) -> None:
        """Write down claims; where they are the `whole` of the sender's, take back what it claimed beside them."""
        used: dict[str, None] = {}
        for share in shares:
            party = self._scribe.refer(share.party, "party")
            start = str(share.period.start)
            about = (self._sender, subject, party, share.role, share.right or "", share.territory, start)
            claim = _nth("claim", about, used)
            self._facts.append(
                ShareClaimed(
                    claim=ClaimId(claim),
                    subject=subject,
                    party=PartyId(party),
                    role=share.role,
                    right=share.right,
                    share=share.share,
                    territory=share.territory,
                    period=share.period,
                    tier=share.tier,
                    asserted_by=self._sender,
                    source=self._source,
                )
            )
        if whole:
            self._facts += self._scribe.stale(subject, used)

    def collections(self, subject: str, collections: Iterable[Collection]) -> dict[str, None]:
        """Write down who collects what; return the ids."""
        used: dict[str, None] = {}
        for one in collections:
            party = self._scribe.refer(one.party, "party")
            about = ("collection", self._sender, subject, party, one.role, one.right, one.territory)
            self._facts.append(
                CollectionClaimed(
                    claim=ClaimId(_nth("claim", about, used)),
                    subject=subject,
                    party=PartyId(party),
                    role=one.role,
                    right=one.right,
                    share=one.share,
                    territory=one.territory,
                    source=self._source,
                )
            )
        return used

    def chains(self, subject: str, chains: Iterable[Chain]) -> dict[str, None]:
        """Write down links of a chain of title; return the ids."""
        used: dict[str, None] = {}
        for one in chains:
            grantor = self._scribe.refer(one.grantor, "party") if one.grantor else ""
            acquirer = self._scribe.refer(one.acquirer, "party")
            about = (self._sender, subject, grantor, acquirer, one.kind, one.territory, str(one.period.start))
            self._facts.append(
                ChainAsserted(
                    chain=_nth("chain", about, used),
                    subject=subject,
                    grantor=grantor,
                    acquirer=PartyId(acquirer),
                    kind=one.kind,
                    territory=one.territory,
                    period=one.period,
                    agreement=one.agreement,
                    source=self._source,
                )
            )
        return used


def _nth(prefix: str, about: tuple[str, ...], used: dict[str, None]) -> str:
    """Return the id of what is said: the same when the same entry is read again, another for a second one of its kind
    in one entry."""
    number = 0
    while (made := derived_id(prefix, *about, str(number))) in used:
        number += 1
    used[made] = None
    return made
