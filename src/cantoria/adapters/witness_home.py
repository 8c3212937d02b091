"""The folder of a witness: its key, the logs it knows, what it cosigned, and the evidence it found.

cosigner.json   its key (mode 0600)
logs.policy     the logs it knows, in the syntax of C2SP tlog-policy
witness.db      every checkpoint it cosigned
evidence/       one file cantoria-split-view/v1 for each contradiction
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Final

from cantoria.adapters.files import read_file, write_whole
from cantoria.adapters.keys import KeyRing
from cantoria.adapters.witness_store import Known, WitnessStore
from cantoria.kernel.errors import InputError, UnavailableError
from cantoria.ledger.cosignatures import cosign, cosigner_key
from cantoria.ledger.ed25519 import PUBLIC_KEY_BYTES
from cantoria.ledger.evidence import Evidence
from cantoria.ledger.notes import NoteKey, parse_checkpoint, parse_vkey, split_note
from cantoria.ledger.policy import POLICY_BYTES_MAX, Log, Policy, parse_policy
from cantoria.ledger.witnessing import AddCheckpoint, Decision

EVIDENCE_FILES_MAX: Final = 1_000
_EMPTY: Final = "# The logs that this witness knows, one line each: log VKEY [URL]\nquorum none\n"


class WitnessHome:
    """A witness on its folder; make one with `create`, then `open` it. `now` returns UTC seconds."""

    def __init__(self, folder: Path, *, now: Callable[[], int]) -> None:
        self.folder = folder
        self._name, self._signer = KeyRing(folder).cosigner()
        self._now = now
        self._read: tuple[tuple[int, int, int], Policy] | None = None
        self.logs()
        self._store = WitnessStore(folder / "witness.db")

    @staticmethod
    def create(folder: Path, *, name: str, seed: bytes) -> None:
        """Make the folder of a new witness; one that is there already is refused."""
        cosigner_key(name, public_key=bytes(PUBLIC_KEY_BYTES))  # refuses a name that no witness can have
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UnavailableError(f"cannot make the folder {folder}: {error}", "name another one") from error
        if not (folder / "cosigner.json").exists():  # with a key, a memory that is gone was lost: it is not made anew
            WitnessStore(folder / "witness.db", new=True).close()
        KeyRing(folder).create_cosigner(name, seed=seed)
        if not (folder / "logs.policy").exists():
            _write(folder / "logs.policy", _EMPTY.encode())

    @property
    def key(self) -> NoteKey:
        """The key by which verifiers know this witness."""
        return cosigner_key(self._name, public_key=self._signer.public_key)

    def logs(self) -> Policy:
        """Return the logs it knows, read again whenever the file has changed."""
        path = self.folder / "logs.policy"
        try:
            found = path.stat()
            mark = (found.st_mtime_ns, found.st_size, found.st_ino)
            if self._read is None or self._read[0] != mark:
                self._read = (mark, parse_policy(read_file(path, bytes_max=POLICY_BYTES_MAX)))
        except OSError as error:
            raise UnavailableError(f"cannot read {path}: {error}", "make it with `cantoria witness init`") from error
        except InputError as error:
            if self._read is None:
                raise
            # It was edited while the witness runs: whoever asks is not at fault.
            raise UnavailableError(f"{path}: {error.message}", error.remedy) from error
        return self._read[1]

    def add_log(self, vkey: str, *, url: str = "") -> NoteKey:
        """Know one more log from now on; one that is known is refused. A daemon that runs takes it in at once."""
        key = parse_vkey(vkey)
        path = self.folder / "logs.policy"
        if any(log.key.public_key == key.public_key for log in self.logs().logs):
            raise InputError(f"the log {key.name} is known already", "nothing to do")
        text = read_file(path, bytes_max=POLICY_BYTES_MAX).decode("utf-8", "surrogateescape")
        line = Policy((Log(key, url),)).text().split("\n")[0]
        text = f"{line}\n{text}"
        parse_policy(text)
        _write(path, text.encode("utf-8", "surrogateescape"))
        return key

    def add_checkpoint(self, asked: AddCheckpoint) -> tuple[Decision, str]:
        """Answer a request: the decision, and the cosignature's line where it is cosigned; evidence is kept first."""
        origin = asked.checkpoint.origin
        keys = [log.key for log in self.logs().logs if log.key.name == origin]
        decision, line = self._store.consider(asked, keys=keys, cosign=self._cosign, now=self._now)
        if decision.evidence is not None:
            self.keep(decision.evidence)
        return decision, line

    def newest(self, origin: str) -> Known | None:
        """Return the newest checkpoint cosigned for the log of this origin, or None."""
        return self._store.newest(origin)

    def keep(self, evidence: Evidence) -> Path | None:
        """Write evidence to a file named by its log and its digest; None when there are `EVIDENCE_FILES_MAX` about this
        log already."""
        data = evidence.pack()
        folder = self.folder / "evidence"
        origin = parse_checkpoint(split_note(evidence.first)[0], extensions=True).origin
        log = f"split-view-{sha256(origin.encode()).hexdigest()[:8]}"
        path = folder / f"{log}-{sha256(data).hexdigest()[:16]}.json"
        if path.exists() or len(list(folder.glob(f"{log}-*"))) >= EVIDENCE_FILES_MAX:
            return path if path.exists() else None
        try:
            folder.mkdir(exist_ok=True)
        except OSError as error:
            raise UnavailableError(f"cannot keep the evidence: {error}", "free space on the disk") from error
        _write(path, data)
        return path

    def evidence(self) -> list[Path]:
        """Return the files of evidence, by name."""
        return sorted((self.folder / "evidence").glob("split-view-*.json"))

    def close(self) -> None:
        """Release the files."""
        self._store.close()

    def _cosign(self, text: str, now: int) -> str:
        return cosign(text, name=self._name, signer=self._signer, time=now)


def _write(path: Path, data: bytes) -> None:
    try:
        write_whole(path, data)
    except OSError as error:
        raise UnavailableError(f"cannot write {path}: {error}", "check the witness's folder") from error
