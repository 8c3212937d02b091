"""How rights pass from writers to publishers and from publisher to publisher (PWR, and the order of SPU records).

Publishers with one sequence number make one chain: the first holds the rights, an administrator acts for the one
before it, sub-publishers for the last one that is none, acquirers and income participants stand behind the first.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from cantoria.formats.cwr.meaning.holders import Cast, Holder
from cantoria.formats.cwr.meaning.values import text
from cantoria.formats.cwr.meaning.words import CHAIN_KINDS
from cantoria.formats.cwr.records import Record
from cantoria.formats.entries import Chain
from cantoria.kernel.periods import ALWAYS, Period
from cantoria.kernel.territories import WORLD
from cantoria.registry.trade_facts import ChainKind

AGREEMENTS_MAX = 65_536  # remembered of one file


@dataclass(slots=True)
class Agreements:
    """The agreements (AGR) of a file by number: where and when they hold."""

    _known: dict[str, tuple[str, Period]] = field(default_factory=dict)

    def remember(self, number: str, territory: str, period: Period) -> None:
        """Keep an agreement, as long as there are not too many."""
        if len(self._known) < AGREEMENTS_MAX:
            self._known.setdefault(number, (territory, period))

    def of(self, number: str, territory: str) -> tuple[str, Period]:
        """Return territory and period of a link under an agreement: its own territory, if it says one."""
        where, when = self._known.get(number, (WORLD, ALWAYS))
        return territory or where, when


def chains_of(cast: Cast, agreements: Agreements) -> tuple[Chain, ...]:
    """Return every link of the chains of title, those of the writers first, each once."""
    found = [*_writers(cast, agreements), *_publishers(cast, agreements)]
    return tuple(dict.fromkeys(found))


def _writers(cast: Cast, agreements: Agreements) -> list[Chain]:
    found = []
    for record, before in cast.links:
        writer = _writer(cast, record, before)
        publisher = _publisher(cast, record)
        if writer is None or publisher is None:
            if any(text(record, name) for name in ("publisher_ip_number", "writer_ip_number")):
                message = "the writer or the publisher is not named in the transaction; the link is passed over"
                cast.notes.add(record, message, "send the records of both", fields=("publisher_ip_number",))
            continue
        number = text(record, "submitter_agreement_number")
        territory, period = agreements.of(number, "")
        found.append(
            Chain(
                grantor=writer.key,
                acquirer=publisher.key,
                kind=ChainKind.ORIGINAL,
                territory=territory,
                period=period,
                agreement=number,
            )
        )
    return found


def _writer(cast: Cast, record: Record, before: Holder | None) -> Holder | None:
    number = text(record, "writer_ip_number")
    return next((one for one in cast.writers if one.number == number), None) if number else before


def _publisher(cast: Cast, record: Record) -> Holder | None:
    number, sequence = text(record, "publisher_ip_number"), text(record, "publisher_sequence_number")
    fitting = [one for one in cast.publishers if number and one.number == number]
    if not number and sequence:
        fitting = [one for one in cast.publishers if one.sequence == sequence]
    return next((one for one in fitting if one.sequence == sequence), fitting[0] if fitting else None)


def _publishers(cast: Cast, agreements: Agreements) -> list[Chain]:
    found = []
    chain: list[Holder] = []
    for one in cast.publishers:
        if chain and (chain[0].sequence != one.sequence or one.code == "E"):
            chain = []
        if chain or one.code in ("AM", "SE"):
            grantor = _grantor(chain, one.code)
            if grantor != one.key:
                territory, period = agreements.of(one.agreement, one.scope.everywhere())
                found.append(
                    Chain(
                        grantor=grantor,
                        acquirer=one.key,
                        kind=CHAIN_KINDS.get(one.code, ChainKind.ACQUISITION),
                        territory=territory,
                        period=period,
                        agreement=one.agreement,
                    )
                )
        chain.append(one)
    return found


def _grantor(chain: list[Holder], code: str) -> str:
    """Return the key of who passes rights to the next of a chain, "" when nobody stands before it."""
    if not chain:
        return ""
    if code in ("AM", "ES"):
        return chain[-1].key
    if code == "SE":
        return next((one.key for one in reversed(chain) if one.code not in ("SE", "PA")), chain[0].key)
    return chain[0].key
