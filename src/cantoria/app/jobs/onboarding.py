"""The jobs that check a table of members, and welcome them: registered, given accounts, made ready to be invited."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from io import BytesIO, StringIO
from itertools import islice
from typing import Any, Final

from cantoria.app import accounts
from cantoria.app.code_book import CodeBook
from cantoria.app.intake import take_in
from cantoria.app.jobs.importing import finding_value
from cantoria.app.jobs.task import Task
from cantoria.app.members.reading import Reader
from cantoria.app.members.types import Member, MemberRow, MemberStore
from cantoria.codes import Scheme
from cantoria.formats import csvfamily
from cantoria.formats.csvfamily import Context
from cantoria.formats.types import Imported, Severity
from cantoria.kernel.errors import InputError, IntegrityError
from cantoria.kernel.ids import PartyId
from cantoria.registry.facts import PartyKeyRegistered

CHUNK: Final = 1_000  # members of one commit
FIRST: Final = 500
_COLUMNS: Final = ("party", "kind", "name", "other_names", "ipi_name", "ipi_base", "isni", "ipn")


def check_members(task: Task) -> Mapping[str, Any]:
    """Check the uploaded table (parameter `upload`) and say whom it would welcome; nothing is recorded."""
    reader, rows = _read(task)
    found: list[MemberRow] = []
    for number, row in enumerate(rows, 1):
        found.append(row)
        if number % CHUNK == 0:
            task.step(number, 0, "checking")
    known = _known(task, found)
    return {
        "received": reader.received,
        "registered": len(found) - known,
        "refused": reader.refused,
        "duplicate": known,
        "passed_over": 0,
        "without_email": sum(not one.email for one in found),
        "errors": sum(one.severity is Severity.ERROR for one in reader.findings),
        "findings": len(reader.findings),
        "first": [finding_value(one) for one in _worst_first(reader)[:FIRST]],
    }


def onboard(task: Task) -> Mapping[str, Any]:
    """Register the members of the uploaded table, open their accounts and keep them as invited.

    It may be cut off anywhere: whom the ledger, the vault and the store of members know already is passed over. The
    table is overwritten in the end.
    """
    reader, rows = _read(task)
    found = list(rows)
    new, elsewhere = 0, 0
    for start, part in _chunks(found):
        task.step(start, len(found), "registering")
        with task.writing():
            welcomed, others = _welcome(task, part)
        for row in others:
            reader.refuse(row.line, "name", row.name, "another organisation keeps this person's account", "ask them")
        new, elsewhere = new + welcomed, elsewhere + len(others)
    task.step(len(found), len(found), "registering")
    _store(task).drop_upload(task.text("upload"), organisation=task.author.name)
    return {
        "received": reader.received,
        "registered": new,
        "refused": reader.refused,
        "duplicate": len(found) - new - elsewhere,
        "passed_over": 0,
        "findings": len(reader.findings),
        "first": [finding_value(one) for one in _worst_first(reader)[:FIRST]],
    }


def _welcome(task: Task, part: Sequence[MemberRow]) -> tuple[int, list[MemberRow]]:
    """Register some members in one commit, open their accounts in the next, and keep them; return how many are new,
    and those whose account another organisation keeps.

    Those are not invited: a code such as an IPI name number is known to many, and whoever follows an invitation speaks
    with the person's own key.
    """
    house, author = task.house, task.author
    namespace = task.text("namespace", author.name.upper())
    parties = _parties(task, part, namespace)
    unknown = [row for row in part if row.key not in parties]
    if unknown:
        take_in(house, {"parties.csv": _table(unknown)}, read=_read_parties, namespace=namespace, author=author)
        parties |= _parties(task, unknown, namespace)
    elsewhere = accounts.kept_by_others(house, parties.values(), author=author)
    ours = [row for row in part if row.key in parties and parties[row.key] not in elsewhere]
    _open_accounts(task, [parties[row.key] for row in ours])
    now = house.clock.now()
    new = _store(task).add(
        Member(
            member=house.ids.new("member"),
            organisation=author.name,
            party=parties[row.key],
            key=row.key,
            name=row.name,
            email=row.email,
            batch=task.job.job,
            made_at=now,
        )
        for row in ours
    )
    return new, [row for row in part if parties.get(row.key) in elsewhere]


def _open_accounts(task: Task, parties: Sequence[str]) -> None:
    """Open the accounts that are not open yet; one whose key was kept and never registered is completed."""
    house, author = task.house, task.author
    registered = {str(one.fact.party) for one in house.index.about(list(parties), tags=[PartyKeyRegistered.TYPE.tag])}
    left = [party for party in dict.fromkeys(parties) if party not in registered]
    held = {party: key for party in left if (key := house.vault.public_key(party)) is not None}
    if held:
        facts = [PartyKeyRegistered(party=PartyId(party), key=key) for party, key in held.items()]
        house.journal.record(facts, author=author)
    if fresh := [party for party in left if party not in held]:
        accounts.open_accounts(house, fresh, author=author)
    house.index.catch_up()


def _parties(task: Task, part: Sequence[MemberRow], namespace: str) -> dict[str, str]:
    """Return the parties that the organisation's own keys name already."""
    book = CodeBook(task.house)
    found: dict[str, str] = {}
    for row in part:
        named = book.define(f"{Scheme.OWN.value}:{namespace}:{row.key}", sender=task.author.party, kind="party")
        if named is not None:
            found[row.key] = named
    return found


def _table(rows: Sequence[MemberRow]) -> bytes:
    """Return members as the family's table of parties; their addresses are not among what it says."""
    text = StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(_COLUMNS)
    for row in rows:
        said = dict(row.codes)
        others = "|".join(name.replace("|", "/") for name in row.other_names)
        writer.writerow((row.key, row.kind, row.name, others, *(said.get(scheme, "") for scheme in _COLUMNS[4:])))
    return text.getvalue().encode()


def _read_parties(contents: Mapping[str, bytes], context: Context) -> Imported:
    return csvfamily.read_family(contents, context=context)


def _read(task: Task) -> tuple[Reader, Iterator[MemberRow]]:
    upload = task.text("upload")
    kept = _store(task).upload(upload, organisation=task.author.name)
    if kept is None:
        raise InputError("the table is not kept any more", "upload it again")
    name, data = kept
    reader = Reader(name, upload)
    return reader, reader.rows(BytesIO(data))


def _known(task: Task, rows: Sequence[MemberRow]) -> int:
    """Return how many rows are members already, by their number or their address."""
    store = _store(task)
    emails, keys = store.known(
        task.author.name, emails=[row.email for row in rows if row.email], keys=[row.key for row in rows]
    )
    return sum(row.key in keys or (bool(row.email) and row.email in emails) for row in rows)


def _chunks(rows: Sequence[MemberRow]) -> Iterator[tuple[int, Sequence[MemberRow]]]:
    starts = range(0, len(rows), CHUNK)
    return ((start, list(islice(rows, start, start + CHUNK))) for start in starts)


def _worst_first(reader: Reader) -> list[Any]:
    return sorted(reader.findings, key=lambda one: (one.severity is not Severity.ERROR, one.line))


def _store(task: Task) -> MemberStore:
    store: MemberStore | None = task.parts.get("members")
    if store is None:
        raise IntegrityError("this runner has no store of members", "run the job by the portal or `cantoria job run`")
    return store
