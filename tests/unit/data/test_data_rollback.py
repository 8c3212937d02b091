"""A member's `ledger.db` alone is restored from an older copy: what other files remember must not hide what is gone."""

from __future__ import annotations

import shutil
from typing import Any

from cantoria import ledger
from cantoria.ledger.facts import BodyErased, ErasureBasis
from cantoria.registry.facts import PartyNamed, WorkRegistered


def restore(network: Any, number: int, copy: Any, blocks: list[tuple[int, int, list[bytes]]]) -> None:
    """Put the older `ledger.db` back, start the member, and replay the blocks after it, as the handshake does."""
    site = network[number]
    site.close()
    for path in site.home.glob("ledger.db*"):
        path.unlink()
    shutil.copy(copy, site.home / "ledger.db")
    site.open()
    for height, time, txs in blocks:
        site.replica.finalize(height, time=time, transactions=txs)
        site.replica.commit()
    site.serve()


def test_bodies_come_back_and_erasures_are_carried_out_again(network: Any, tmp_path: Any) -> None:
    blocks: list[tuple[int, int, list[bytes]]] = []
    first = network[0]
    finalize = first.replica.finalize

    def noted(height: int, *, time: int, transactions: list[bytes]) -> Any:
        blocks.append((height, time, list(transactions)))
        return finalize(height, time=time, transactions=transactions)

    first.replica.finalize = noted
    key = first.record(PartyNamed(party=first.party, name="Ann"), WorkRegistered(work="work_2", title="older"))
    network.block()
    network.rounds()
    place = first.data.parts.intake.outcome(key).place + 1
    first.store.scrub()
    shutil.copy(first.home / "ledger.db", tmp_path / "yesterday.db")
    del blocks[:]
    network[1].record(WorkRegistered(work="work_3", title="new"))
    first.record(WorkRegistered(work="work_4", title="newer"))
    target = ledger.fact_id_text(first.store.entries(place, stop=place + 1)[0][3:19])
    batch = first.seal(BodyErased(target, ErasureBasis.OBJECTION))
    first.data.parts.intake.put([batch], erasures=[place])
    network.block()
    network.rounds()
    before = first.bodies()
    assert dict(before)[place] is None
    assert sum(body is not None for _, body in before) == 4
    restore(network, 0, tmp_path / "yesterday.db", blocks)
    assert first.bodies() != before
    network.rounds(6)
    assert first.bodies() == before
