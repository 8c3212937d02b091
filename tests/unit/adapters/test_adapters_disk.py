"""What a house keeps beside its ledger: attachments, datasets, keys and the vault. Whole, private, or a clear error."""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cantoria.adapters import attachments as attachment_files
from cantoria.adapters.attachments import DiskAttachments
from cantoria.adapters.dataset_store import DiskDatasets
from cantoria.adapters.keys import KeyRing
from cantoria.adapters.sqlite.vault import SqliteVault
from cantoria.adapters.system import SteppingClock, SystemClock, SystemEntropy, UnsafeSeededEntropy
from cantoria.app import datasets
from cantoria.app.datasets import KeptDataset
from cantoria.clearance.types import Row
from cantoria.kernel.errors import InputError, IntegrityError, UnavailableError
from cantoria.kernel.facts import Capacity
from cantoria.ledger import ed25519

DIGEST = hashlib.sha256(b"report").hexdigest()
ESCAPES = [
    "../../etc/passwd",
    "..",
    "",
    "/",
    DIGEST.upper(),
    DIGEST[:-1],
    DIGEST + "\n",
    DIGEST[:62] + "/x",
    "\x00" * 64,
]


def files(folder: Path) -> list[Path]:
    return sorted(file for file in folder.rglob("*") if file.is_file())


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


class TestAttachments:
    def test_bytes_come_back_under_their_digest_and_are_kept_once(self, tmp_path: Path) -> None:
        kept = DiskAttachments(tmp_path / "attachments")
        assert kept.put(b"report") == DIGEST
        before = files(tmp_path)
        written = before[0].stat().st_mtime_ns
        assert kept.put(b"report") == DIGEST
        assert files(tmp_path) == before == [kept.path(DIGEST)]
        assert before[0].stat().st_mtime_ns == written
        assert kept.get(DIGEST) == b"report"
        assert kept.get(kept.put(b"")) == b""

    @pytest.mark.parametrize("name", ESCAPES)
    def test_nothing_but_a_digest_names_one(self, tmp_path: Path, name: str) -> None:
        kept = DiskAttachments(tmp_path / "attachments")
        for look in (kept.get, kept.path):
            with pytest.raises(InputError, match="is not a SHA-256"):
                look(name)

    def test_an_unknown_one_is_an_input_error(self, tmp_path: Path) -> None:
        with pytest.raises(InputError, match="no attachment"):
            DiskAttachments(tmp_path).get(DIGEST)

    @pytest.mark.parametrize("content", [b"", b"repor", b"report!", b"Report"])
    def test_an_altered_one_is_noticed_and_can_be_put_right(self, tmp_path: Path, content: bytes) -> None:
        kept = DiskAttachments(tmp_path)
        kept.put(b"report")
        kept.path(DIGEST).write_bytes(content)
        with pytest.raises(IntegrityError, match="altered on disk"):
            kept.get(DIGEST)
        kept.put(b"report")
        assert kept.get(DIGEST) == b"report"

    def test_what_a_crash_left_behind_is_not_there(self, tmp_path: Path) -> None:
        kept = DiskAttachments(tmp_path)
        partial = kept.path(DIGEST).with_name(f"{DIGEST}.1-1.partial")
        partial.parent.mkdir()
        partial.write_bytes(b"rep")
        with pytest.raises(InputError, match="no attachment"):
            kept.get(DIGEST)
        kept.put(b"report")
        assert kept.get(DIGEST) == b"report"

    def test_an_unusable_folder_is_unavailable(self, tmp_path: Path) -> None:
        (tmp_path / "attachments").write_text("a file where the folder should be")
        kept = DiskAttachments(tmp_path / "attachments")
        with pytest.raises(UnavailableError, match="cannot keep"):
            kept.put(b"report")
        with pytest.raises(UnavailableError, match="cannot read"):
            kept.get(DIGEST)

    def test_too_large_is_refused(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(attachment_files, "ATTACHMENT_BYTES_MAX", 5)
        with pytest.raises(InputError, match="6 bytes is larger than 5"):
            DiskAttachments(tmp_path).put(b"report")
        assert files(tmp_path) == []

    def test_a_write_that_fails_leaves_nothing_visible(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        kept = DiskAttachments(tmp_path)

        def full(_handle: int) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(UnavailableError, match="No space left"):
            kept.put(b"report")
        monkeypatch.undo()
        with pytest.raises(InputError, match="no attachment"):
            kept.get(DIGEST)
        assert kept.put(b"report") == DIGEST


TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=8)
ROWS = st.lists(st.builds(Row, st.integers(1, 99), st.lists(TEXT, max_size=3).map(tuple), TEXT), max_size=4)


class TestDatasets:
    @settings(max_examples=30)
    @given(ROWS, st.binary(max_size=33), st.dictionaries(st.integers(1, 99), TEXT.filter(bool), max_size=3))
    def test_a_dataset_reads_back_as_itself(self, rows: list[Row], secret: bytes, subjects: dict[int, str]) -> None:
        kept = KeptDataset(rows, secret, {row.line: subjects[row.line] for row in rows if row.line in subjects})
        assert datasets.decode(datasets.encode(kept)) == kept

    def test_it_is_kept_for_its_owner_only_and_a_later_one_replaces_it(self, tmp_path: Path) -> None:
        store = DiskDatasets(tmp_path / "datasets")
        first, second = (KeptDataset([Row(n, ("isrc:KRA381900123",))], b"s" * 32, {n: "recording_1"}) for n in (1, 2))
        assert store.get("certificate_1") is None
        store.keep("certificate_1", first)
        assert store.get("certificate_1") == first
        store.keep("certificate_1", second)
        assert store.get("certificate_1") == second
        assert [mode(file) for file in files(tmp_path)] == [0o600]
        assert mode(tmp_path / "datasets") == 0o700

    @pytest.mark.parametrize("name", ["", "../x", "a/b", "a.b", "a\x00"])
    def test_nothing_but_an_id_names_one(self, tmp_path: Path, name: str) -> None:
        with pytest.raises(InputError, match="is not the id"):
            DiskDatasets(tmp_path).get(name)

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"[]\n",
            b'{"secret":5}\n',
            b'{"secret":"zz"}\n',
            b'{"secret":"00","more":1}\n',
            b'{"secret":"00"}\n[1,"recording",["a"]]\n',
            b'{"secret":"00"}\n["1","recording",["a"],""]\n',
            b'{"secret":"00"}\n[1,"recording","a",""]\n',
            b'{"secret":"00"}\n[1,"recording",["a"],null]\n',
            b'{"secret":"00"}\n\n',
            b"\xff",
        ],
    )
    def test_a_damaged_one_is_an_integrity_error(self, tmp_path: Path, content: bytes) -> None:
        store = DiskDatasets(tmp_path)
        (tmp_path / "run_1.jsonl").write_bytes(content)
        with pytest.raises(IntegrityError, match="run_1 is damaged"):
            store.get("run_1")

    def test_an_unusable_folder_is_unavailable(self, tmp_path: Path) -> None:
        (tmp_path / "datasets").write_text("")
        store = DiskDatasets(tmp_path / "datasets")
        with pytest.raises(UnavailableError):
            store.keep("run_1", KeptDataset([], b""))
        with pytest.raises(UnavailableError):
            store.get("run_1")


@pytest.fixture
def ring(tmp_path: Path) -> KeyRing:
    return KeyRing(tmp_path / "keys")


def create(ring: KeyRing, name: str = "komca", **more: Any) -> None:
    chosen = {"party": "party_1", "capacities": (Capacity.CMO, Capacity.PUBLISHER), "seed": b"k" * 32, **more}
    ring.create_organisation(name, **chosen)


class TestKeys:
    def test_an_organisation_comes_back_as_an_author(self, ring: KeyRing) -> None:
        create(ring)
        create(ring, "a-label_2", party="party_2", capacities=(Capacity.PRODUCER,), seed=b"l" * 32)
        author = ring.author("komca")
        assert (author.name, author.party, author.capacity) == ("komca", "party_1", Capacity.CMO)
        assert author.signer.public_key == ed25519.Ed25519Signer(b"k" * 32).public_key
        assert ring.author("komca", capacity=Capacity.PUBLISHER).capacity is Capacity.PUBLISHER
        assert ring.names() == ["a-label_2", "komca"]
        assert ring.organisations() == [
            ("a-label_2", "party_2", ["producer"]),
            ("komca", "party_1", ["cmo", "publisher"]),
        ]

    def test_the_log_key_signs(self, ring: KeyRing) -> None:
        assert not ring.has_log_key()
        ring.create_log_key(b"s" * 32)
        assert ring.has_log_key()
        assert ring.log_signer().public_key == ed25519.Ed25519Signer(b"s" * 32).public_key

    def test_key_files_are_private_and_whole(self, ring: KeyRing) -> None:
        ring.create_log_key(b"s" * 32)
        create(ring)
        assert [(file.name, mode(file)) for file in files(ring.folder)] == [
            ("log.json", 0o600),
            ("organisation-komca.json", 0o600),
        ]
        assert mode(ring.folder) == 0o700

    def test_a_key_is_never_overwritten(self, ring: KeyRing) -> None:
        ring.create_log_key(b"s" * 32)
        create(ring)
        before = [file.read_bytes() for file in files(ring.folder)]
        with pytest.raises(InputError, match="never overwritten"):
            ring.create_log_key(b"t" * 32)
        with pytest.raises(InputError, match="never overwritten"):
            create(ring, seed=b"m" * 32)
        assert [file.read_bytes() for file in files(ring.folder)] == before

    @pytest.mark.parametrize("name", ["", "..", "../log", "a/b", "a b", "a.b", "a\x00", "a\n", "x" * 61])
    def test_a_bad_name_is_refused(self, ring: KeyRing, name: str) -> None:
        for look in (lambda: create(ring, name), lambda: ring.author(name), lambda: ring.holds(name)):
            with pytest.raises(InputError, match="is not a key name"):
                look()
        assert files(ring.folder) == []

    def test_an_unknown_name_or_capacity_says_what_is_known(self, ring: KeyRing) -> None:
        with pytest.raises(InputError) as caught:
            ring.author("komca")
        assert "none yet" in caught.value.remedy
        create(ring)
        with pytest.raises(InputError) as caught:
            ring.author("sony")
        assert "komca" in caught.value.remedy
        with pytest.raises(InputError, match="komca was not admitted as ai_developer"):
            ring.author("komca", capacity=Capacity.AI_DEVELOPER)

    def test_no_house_yet_says_how_to_make_one(self, ring: KeyRing) -> None:
        with pytest.raises(InputError) as caught:
            ring.log_signer()
        assert "ledger init" in caught.value.remedy
        assert ring.names() == []

    @pytest.mark.parametrize(
        "change",
        [
            {"seed": "00"},
            {"seed": 5},
            {"seed": None},
            {"seed": "Z" * 64},
            {"capacities": []},
            {"capacities": ["cmo"]},
            {"capacities": [99]},
            {"capacities": [True]},
            {"capacities": [{}]},
            {"name": None},
            {"party": 3},
        ],
    )
    def test_a_damaged_key_file_is_an_integrity_error(self, ring: KeyRing, change: dict[str, Any]) -> None:
        create(ring)
        path = ring.folder / "organisation-komca.json"
        path.write_text(json.dumps(json.loads(path.read_text()) | change))
        for look in (lambda: ring.author("komca"), ring.names, ring.organisations):
            with pytest.raises(IntegrityError, match=r"organisation-komca\.json is damaged"):
                look()

    @pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"seed": "00"}'])
    def test_so_is_a_damaged_log_key(self, ring: KeyRing, content: bytes) -> None:
        ring.create_log_key(b"s" * 32)
        (ring.folder / "log.json").write_bytes(content)
        with pytest.raises(IntegrityError, match=r"log\.json is damaged"):
            ring.log_signer()

    def test_an_unusable_folder_is_unavailable(self, tmp_path: Path) -> None:
        (tmp_path / "keys").write_text("")
        with pytest.raises(UnavailableError, match="cannot keep the key file"):
            KeyRing(tmp_path / "keys").create_log_key(b"s" * 32)


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[SqliteVault]:
    made = SqliteVault(tmp_path / "persons.db")
    yield made
    made.close()


class TestVault:
    def test_it_signs_for_whom_it_holds_a_seed(self, vault: SqliteVault) -> None:
        vault.add([("party_ada", b"a" * 32), ("party_bo", b"b" * 32)])
        signature = vault.sign("party_ada", b"message")
        assert signature is not None
        assert signature.key == vault.public_key("party_ada")
        key, value = bytes.fromhex(signature.key), bytes.fromhex(signature.value)
        assert ed25519.verify(key, b"message", signature=value)
        assert not ed25519.verify(key, b"another", signature=value)
        assert vault.public_key("party_bo") != signature.key

    def test_for_others_it_says_nothing(self, vault: SqliteVault) -> None:
        assert vault.sign("party_cy", b"message") is None
        assert vault.public_key("party_cy") is None

    def test_seeds_are_added_all_or_none_and_never_replaced(self, vault: SqliteVault) -> None:
        vault.add([("party_ada", b"a" * 32)])
        key = vault.public_key("party_ada")
        with pytest.raises(InputError, match="already holds a key"):
            vault.add([("party_bo", b"b" * 32), ("party_ada", b"x" * 32)])
        assert vault.public_key("party_bo") is None
        assert vault.public_key("party_ada") == key

    @pytest.mark.parametrize("seed", [b"", b"a" * 31, b"a" * 33])
    def test_a_seed_of_another_length_is_refused(self, vault: SqliteVault, seed: bytes) -> None:
        with pytest.raises(InputError, match="a seed has 32 bytes"):
            vault.add([("party_bo", b"b" * 32), ("party_ada", seed)])
        assert vault.public_key("party_bo") is None

    def test_its_file_is_private_and_outlives_it(self, tmp_path: Path) -> None:
        for _ in range(2):
            vault = SqliteVault(tmp_path / "persons.db")
            if vault.public_key("party_ada") is None:
                vault.add([("party_ada", b"a" * 32)])
            vault.close()
        assert mode(tmp_path / "persons.db") == 0o600
        with sqlite3.connect(tmp_path / "persons.db") as db:
            assert db.execute("SELECT count(*) FROM seed").fetchone() == (1,)
        db.close()

    def test_what_is_no_vault_is_a_clear_error(self, tmp_path: Path) -> None:
        (tmp_path / "persons.db").write_bytes(b"no database at all " * 100)
        (tmp_path / "persons.db").chmod(0o600)
        with pytest.raises(IntegrityError, match="vault of keys is damaged"):
            SqliteVault(tmp_path / "persons.db")
        with pytest.raises(UnavailableError, match="vault of keys"):
            SqliteVault(tmp_path / "absent" / "persons.db")


class TestSystem:
    def test_the_clock_and_entropy_of_the_machine(self) -> None:
        assert SystemClock().now() > 1_700_000_000_000_000
        assert len({SystemEntropy().token(16) for _ in range(100)}) == 100

    def test_a_stepping_clock_never_goes_back(self) -> None:
        clock = SteppingClock(10)
        assert [clock.now(), clock.now()] == [11, 12]
        clock.set(5)
        assert clock.now() == 13
        clock.set(100)
        assert clock.now() == 101

    def test_seeded_entropy_is_the_same_stream_however_it_is_cut(self) -> None:
        whole = UnsafeSeededEntropy(7).token(300)
        pieces = UnsafeSeededEntropy(7)
        assert b"".join(pieces.token(count) for count in (1, 63, 64, 65, 107)) == whole
        assert UnsafeSeededEntropy(8).token(300) != whole
        assert UnsafeSeededEntropy(7).token(0) == b""
