"""The one path in: bytes → facts + findings → ledger → views."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from cantoria.app.accounts import kept_by_others
from cantoria.app.code_book import CodeBook
from cantoria.app.codec import bytes_to_sign, signature_of, with_signature
from cantoria.app.house import House
from cantoria.app.ports import Author, Receipt
from cantoria.consent.facts import StatementMade
from cantoria.consent.types import Verdict
from cantoria.formats.csvfamily import Context
from cantoria.formats.types import Finding, Imported, Severity
from cantoria.kernel.errors import InputError
from cantoria.mandates.facts import DelegationGranted
from cantoria.registry.facts import HoldersDeclaredComplete

FILE_BYTES_MAX: Final = 256 * 1024 * 1024
PRELOAD_BYTES: Final = 500_000  # from this size on it is cheaper to read all codes once than to look each up
Reader = Callable[[Mapping[str, bytes], Context], Imported]


@dataclass(frozen=True, slots=True)
class Intake:
    """What an import did: the reader's findings and counts, and a receipt for each recorded fact."""

    imported: Imported
    receipts: tuple[Receipt, ...]


def take_in(
    house: House,
    files: Mapping[str, bytes],
    *,
    read: Reader,
    namespace: str,
    author: Author,
    dry_run: bool = False,
    follower: CodeBook | None = None,
) -> Intake:
    """Read `files` (name → bytes) together and record what they say as one durable commit.

    `follower` may be a code book that has followed everything recorded so far; it goes on to follow this.

    Persons whose keys are kept here sign what they say (yeses, delegations, completeness), a yes or a delegation only
    in a file of the organisation that keeps their account; what nobody signed is recorded with a finding, because it
    has no effect.
    """
    for name, data in files.items():
        if len(data) > FILE_BYTES_MAX:
            raise InputError(f"{name} has {len(data)} bytes, more than {FILE_BYTES_MAX}", "split the file")
    house.index.catch_up()
    book = follower or CodeBook(house, preload=sum(map(len, files.values())) > PRELOAD_BYTES)
    imported = read(files, context_of(house, book, namespace=namespace, author=author))
    signed, unsigned = sign_all(house, imported.facts, author)
    imported = Imported(tuple(signed), imported.findings + tuple(unsigned), imported.counts)
    if dry_run:
        return Intake(imported, ())
    receipts = house.journal.record(imported.facts, author=author)
    house.index.catch_up(fresh={receipt.index: receipt.fact for receipt in receipts})
    book.follow(imported.facts, author=author)
    return Intake(imported, tuple(receipts))


def context_of(house: House, book: CodeBook, *, namespace: str, author: Author) -> Context:
    """Return what a reader is told of the sender and of what is known already."""
    return Context(
        sender=author.party,
        namespace=namespace,
        now=house.clock.now(),
        new_id=house.ids.new,
        lookup=lambda code: book.lookup(code, sender=author.party),
        define=lambda code, kind="": book.define(code, sender=author.party, kind=kind),
        claims_of=book.claims_of,
        links_between=book.links_between,
        title_of=book.title_of,
        called=lambda thing: book.called(thing, sender=author.party),
        exists=book.exists,
        said_of=lambda subject: book.said_of(subject, sender=author.party),
        notices=lambda thing: book.notices(thing, sender=author.party),
        registered=lambda recording: book.registered(recording, sender=author.party),
    )


def sign_all(house: House, facts: Sequence[Any], author: Author) -> tuple[list[Any], list[Finding]]:
    """Return the facts, signed by the persons whose keys are kept here, and a finding for each that nobody signed."""
    signed, findings = [], []
    held: dict[str, bool] = {}
    # A key may be in this house, but a file that somebody else sends is not the word of whose key it is.
    speakers = {speaker for fact in facts if (speaker := _speaker(fact)) and speaker != author.party}
    strange = kept_by_others(house, speakers, author=author)
    for fact in facts:
        speaker = _speaker(fact)
        if speaker and speaker != author.party and signature_of(fact) is None:
            if speaker not in held:
                held[speaker] = house.vault.public_key(speaker) is not None
            if held[speaker] and (speaker not in strange or isinstance(fact, HoldersDeclaredComplete)):
                fact = _sign(house, fact, speaker)
            elif _needs_signature(fact):
                findings.append(_unsigned(fact, speaker))
        signed.append(fact)
    return signed, findings


def _sign(house: House, fact: Any, speaker: str) -> Any:
    """Return the fact signed by the speaker, whose key is kept here."""
    if isinstance(fact, HoldersDeclaredComplete):
        fact = replace(fact, said_at=house.clock.now())
    signature = house.vault.sign(speaker, bytes_to_sign(fact))
    return fact if signature is None else with_signature(fact, signature)


def _speaker(fact: Any) -> str:
    """Return whose signature a fact asks for, empty when nobody's."""
    match fact:
        case StatementMade():
            return fact.speaker
        case DelegationGranted():
            return fact.principal
        case HoldersDeclaredComplete():
            return fact.signed_by
        case _:
            return ""


def _needs_signature(fact: Any) -> bool:
    return not isinstance(fact, StatementMade) or fact.verdict is Verdict.YES


def _unsigned(fact: Any, speaker: str) -> Finding:
    return Finding(
        file="",
        field=fact.TYPE.name,
        value=fact.subjects()[0],
        message=f"nobody signed it: the account of {speaker} is not kept by you here, so it has no effect",
        remedy="let them sign it themselves",
        severity=Severity.WARNING,
    )
