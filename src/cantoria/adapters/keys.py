"""Key files on disk: the log's key and the keys of the organisations that record here (file mode 0600)."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cantoria.app.ports import Author
from cantoria.kernel.errors import InputError
from cantoria.kernel.facts import Capacity
from cantoria.kernel.ids import PartyId
from cantoria.ledger.ed25519 import Ed25519Signer


@dataclass(frozen=True, slots=True)
class KeyRing:
    """The keys in one folder: `log.json` and one `organisation-NAME.json` per organisation."""

    folder: Path

    def create_log_key(self, seed: bytes) -> None:
        """Keep the log's seed; refuses to overwrite one."""
        _write(self.folder / "log.json", {"seed": seed.hex()})

    def log_signer(self) -> Ed25519Signer:
        """Return the log's signer."""
        return Ed25519Signer(bytes.fromhex(_read(self.folder / "log.json")["seed"]))

    def create_organisation(self, name: str, *, party: PartyId, capacities: tuple[Capacity, ...], seed: bytes) -> None:
        """Keep an organisation's seed, its party id and the capacities it was admitted with, first one the default."""
        value = {"name": name, "party": party, "capacities": [int(one) for one in capacities], "seed": seed.hex()}
        _write(self._path(name), value)

    def author(self, name: str, *, capacity: Capacity | None = None) -> Author:
        """Return the organisation as an author, in this capacity or its first."""
        if not self._path(name).exists():
            known = ", ".join(self.names()) or "none yet"
            raise InputError(f"no key of an organisation {name!r} here", f"known are: {known}")
        value = _read(self._path(name))
        capacities = [Capacity(one) for one in value["capacities"]]
        chosen = capacity or capacities[0]
        if chosen not in capacities:
            raise InputError(f"{name} was not admitted as {chosen.name.lower()}")
        return Author(value["name"], PartyId(value["party"]), chosen, Ed25519Signer(bytes.fromhex(value["seed"])))

    def names(self) -> list[str]:
        """Return the names of the organisations whose keys are here, sorted."""
        return sorted(_read(path)["name"] for path in self.folder.glob("organisation-*.json"))

    def organisations(self) -> list[tuple[str, str, list[str]]]:
        """Return (name, party, capacities) of each, by name."""
        rows = [_read(path) for path in self.folder.glob("organisation-*.json")]
        return sorted((r["name"], r["party"], [Capacity(one).name.lower() for one in r["capacities"]]) for r in rows)

    def _path(self, name: str) -> Path:
        if not name or not all(part.isalnum() or part in "-_" for part in name):
            raise InputError(f"{name!r:.60} is not a key name", "use letters, digits, - and _")
        return self.folder / f"organisation-{name}.json"


def _write(path: Path, value: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise InputError(f"{path.name} exists already", "keys are never overwritten") from error
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(value, file, sort_keys=True)
        file.flush()
        os.fsync(file.fileno())


def _read(path: Path) -> dict[str, Any]:
    try:
        value: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError) as error:
        raise InputError(f"cannot read the key file {path.name}: {error}", "run `cantoria init` first") from error
    return value
