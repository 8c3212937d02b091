"""Death between storing and signing: whoever is asked again has what it signs for, and signs once it is asked."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from cantoria import ledger
from cantoria.adapters.handover import take_in
from cantoria.adapters.parcel import pack_parcel, unpack_parcel
from cantoria.kernel.errors import InputError, UnavailableError
from cantoria.ledger.items import pack_item
from cantoria.ledger.merkle import leaf_hash
from cantoria.registry.facts import WorkRegistered
from cantoria.testing.consortium import signer_of

CHILD = """
import os, sys
from pathlib import Path
from cantoria.bootstrap.data import open_data

class Clock:
    def now(self):
        return int(sys.argv[4])

def die(step):
    os.kill(os.getpid(), 9)

wired = open_data(Path(sys.argv[1]), clock=Clock(), fault=die)
wired.parts.holder.hold(Path(sys.argv[2]).read_bytes(), asker=bytes.fromhex(sys.argv[3]))
"""


def test_killed_between_store_and_sign_it_holds_and_signs_when_asked_again(network: Any, tmp_path: Path) -> None:
    batch = network[0].seal(network[0].report())
    network[0].data.parts.pending.keep(batch)
    parcel = tmp_path / "parcel"
    parcel.write_bytes(pack_parcel(batch))
    command = [sys.executable, "-c", CHILD, str(network[1].home), str(parcel), network[0].id.hex()]
    done = subprocess.run([*command, str(network.clock.now())], capture_output=True, text=True, timeout=120)
    assert done.returncode == -signal.SIGKILL, done.stderr
    held = network[1].data.parts.holder.holdings.held(leaf_hash(batch.header))
    assert held is not None
    assert held.attestation is None
    assert unpack_parcel(held.parcel) == batch
    [digest] = [one.name for one in (network[1].home / "attachments").rglob("*") if one.is_file()]
    assert network[1].data.parts.desk.attachments.holds(digest)
    network[0].stop()
    assert network[1].data.parts.holder.hold(parcel.read_bytes(), asker=network[0].id), "the files are here already"


def test_a_censored_member_brings_its_batch_in_by_a_neighbour(network: Any) -> None:
    batch = network[0].seal(WorkRegistered(work="work_1", title="song"))
    client, neighbour = network[0].data.parts.desk.client, network[1].member
    first = client.post(neighbour, "/v1/batches", pack_parcel(batch), bytes_max=1000)
    assert (first.status, b'"stage":"queued"' in first.body) == (202, True)
    assert client.post(neighbour, "/v1/batches", pack_item(batch), bytes_max=1000) == first
    network.block()
    key = leaf_hash(batch.header).hex()
    assert b'"stage":"committed"' in client.get(neighbour, f"/v1/batches/{key}", bytes_max=1000).body
    assert [body for _, body in network[1].bodies()] == list(batch.bodies), "its bodies lie at the neighbour's"
    network[0].data.courier.round()
    assert network[0].bodies() == network[1].bodies()
    with pytest.raises(InputError, match="no such batch"):
        client.get(neighbour, f"/v1/batches/{'ab' * 32}", bytes_max=1000)


def test_a_vote_of_a_censored_member_is_taken_in_as_well(network: Any) -> None:
    record = network[0].organisation.adds(signer_of("org1/second"))
    client = network[0].data.parts.desk.client
    assert client.post(network[1].member, "/v1/batches", record, bytes_max=1000).status == 202
    network.block()
    assert ledger.key_id(signer_of("org1/second").public_key) in network[2].replica.state.keys


def test_what_would_not_be_admitted_is_not_queued_for_others(network: Any, monkeypatch: Any) -> None:
    batch = network[0].seal(WorkRegistered(work="work_1", title="song"))
    forged = batch.header[:-1] + bytes([batch.header[-1] ^ 1])
    parts = network[1].data.parts
    options = {"log": parts.desk.log, "intake": parts.intake, "now": network.clock.now()}
    with pytest.raises(InputError, match="bad_signature"):
        take_in(forged + b"".join(batch.envelopes), **options)
    swapped = pack_parcel(batch).replace(b"song", b"sung")
    with pytest.raises(InputError, match="body_mismatch"):
        take_in(swapped, **options)
    monkeypatch.setattr("cantoria.adapters.cometbft.intake.BROUGHT_MAX", 0)
    with pytest.raises(UnavailableError, match="wait here already"):
        take_in(pack_item(batch), **options)
    assert parts.intake.waiting() == 0


def test_the_service_runs_as_a_process_of_its_own_and_ends_when_told(network: Any) -> None:
    network.block()
    network.block()
    site = network[1]
    site.stop()
    command = [sys.executable, "-m", "cantoria.bootstrap.data_process", "--home", str(site.home)]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stderr is not None
        assert process.stderr.readline() == f"data service at {site.member.url}\n"
        note = httpx.get(site.member.url + "/checkpoint", trust_env=False)
        assert note.text == site.store.checkpoint()
        assert httpx.get(site.member.url + "/v1/bodies?from=0&to=9", trust_env=False).status_code == 401
    finally:
        process.terminate()
        _, said = process.communicate(timeout=60)
    assert (process.returncode, said) == (0, "")


def test_a_home_without_a_data_service_is_told_what_it_lacks(network: Any, tmp_path: Path) -> None:
    site = network[1]
    node = site.home / "node.toml"
    node.write_text(node.read_text().replace(f'data = "127.0.0.1:{site.port}"', 'data = ""', 1))
    for home, code, said in ((site.home, 2, "runs no data service"), (tmp_path, 2, "no house")):
        command = [sys.executable, "-m", "cantoria.bootstrap.data_process", "--home", str(home)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120)
        assert (done.returncode, said in done.stderr) == (code, True), done.stderr
