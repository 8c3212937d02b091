"""Key files on disk: the log's key and the keys of the organisations that record here (file mode 0600)."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from cantoria.adapters.files import sync_folder, write_whole
from cantoria.app.ports import Author
from cantoria.kernel.errors import InputError, IntegrityError, UnavailableError
from cantoria.kernel.facts import Capacity
from cantoria.kernel.ids import PartyId
from cantoria.ledger.ed25519 import Ed25519Signer, key_id

NAME_MAX: Final = 60
_SEED: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class KeyRing:
    """The keys in one folder: `log.json`, `cosigner.json`, one `organisation-NAME.json` per organisation, and
    `next-NAME.json` while its key is being replaced."""

    folder: Path

    def create_log_key(self, seed: bytes) -> None:
        """Keep the log's seed; refuses to overwrite one."""
        _write(self.folder / "log.json", {"seed": seed.hex()})

    def has_log_key(self) -> bool:
        """Tell whether the log's key is here."""
        return (self.folder / "log.json").exists()

    def log_signer(self) -> Ed25519Signer:
        """Return the log's signer."""
        return Ed25519Signer(bytes.fromhex(_read(self.folder / "log.json")["seed"]))

    def create_cosigner(self, name: str, *, seed: bytes) -> None:
        """Keep the seed by which a witness of this name cosigns checkpoints; refuses to overwrite one."""
        _write(self.folder / "cosigner.json", {"name": name, "seed": seed.hex()})

    def cosigner(self) -> tuple[str, Ed25519Signer]:
        """Return the cosigner's name and signer."""
        path = self.folder / "cosigner.json"
        value = _read(path)
        if not isinstance(value.get("name"), str):
            raise _damaged(path)
        return value["name"], Ed25519Signer(bytes.fromhex(value["seed"]))

    def webhook_signer(self, seed: Callable[[], bytes]) -> Ed25519Signer:
        """Return the signer of webhooks, made from a new seed the first time."""
        path = self.folder / "webhook.json"
        if not path.exists():
            _write(path, {"seed": seed().hex()})
        return Ed25519Signer(bytes.fromhex(_read(path)["seed"]))

    def create_organisation(self, name: str, *, party: PartyId, capacities: tuple[Capacity, ...], seed: bytes) -> None:
        """Keep an organisation's seed, its party id and the capacities it was admitted with, first one the default."""
        value = {"name": name, "party": party, "capacities": [int(one) for one in capacities], "seed": seed.hex()}
        _write(self._path(name), value)

    def holds(self, name: str) -> bool:
        """Tell whether there is a key of this organisation."""
        return self._path(name).exists()

    def author(self, name: str, *, capacity: Capacity | None = None) -> Author:
        """Return the organisation as an author, in this capacity or its first."""
        if not self.holds(name):
            known = ", ".join(self.names()) or "none yet"
            raise InputError(f"no key of an organisation {name!r} here", f"known are: {known}")
        value = _read_organisation(self._path(name))
        capacities = [Capacity(one) for one in value["capacities"]]
        chosen = capacity or capacities[0]
        if chosen not in capacities:
            raise InputError(f"{name} was not admitted as {chosen.name.lower()}")
        return Author(value["name"], PartyId(value["party"]), chosen, Ed25519Signer(bytes.fromhex(value["seed"])))

    def rotates(self, name: str) -> bool:
        """Tell whether the organisation's key is being replaced: begun, and not ended."""
        return self._next(name).exists()

    def begin_rotation(self, name: str, *, seed: bytes) -> tuple[Author, bytes]:
        """Keep the seed that is to replace an organisation's; return the organisation as an author with it, and the id
        of the key that goes. A rotation that was begun goes on with its own seed."""
        present = self.author(name)
        path = self._next(name)
        if not path.exists():
            _write(path, {"seed": seed.hex(), "replaces": key_id(present.signer.public_key).hex()})
        value = _read(path)
        replaced = bytes.fromhex(value["replaces"])
        return replace(present, signer=Ed25519Signer(bytes.fromhex(value["seed"]))), replaced

    def turn(self, name: str) -> None:
        """Put the new seed in the place of the old one, which is gone then."""
        path = self._path(name)
        value = {**_read_organisation(path), "seed": _read(self._next(name))["seed"]}
        write_whole(path, json.dumps(value, sort_keys=True).encode(), mode=0o600)

    def end_rotation(self, name: str) -> None:
        """Forget that a key was replaced."""
        self._next(name).unlink(missing_ok=True)

    def capacities(self, name: str) -> tuple[Capacity, ...]:
        """Return the capacities that the organisation is admitted with."""
        return tuple(Capacity(one) for one in _read_organisation(self._path(name))["capacities"])

    def names(self) -> list[str]:
        """Return the names of the organisations whose keys are here, sorted."""
        return sorted(_read_organisation(path)["name"] for path in self.folder.glob("organisation-*.json"))

    def organisations(self) -> list[tuple[str, str, list[str]]]:
        """Return (name, party, capacities) of each, by name."""
        rows = [_read_organisation(path) for path in self.folder.glob("organisation-*.json")]
        return sorted((r["name"], r["party"], [Capacity(one).name.lower() for one in r["capacities"]]) for r in rows)

    def _path(self, name: str) -> Path:
        if not 0 < len(name) <= NAME_MAX or not all(part.isalnum() or part in "-_" for part in name):
            raise InputError(f"{name!r:.60} is not a key name", "use letters, digits, - and _")
        return self.folder / f"organisation-{name}.json"

    def _next(self, name: str) -> Path:
        return self._path(name).with_name(f"next-{name}.json")


def keep_seed(path: Path, seed: bytes) -> None:
    """Keep a seed in a key file of its own; one that exists is never overwritten."""
    _write(path, {"seed": seed.hex()})


def read_seed(path: Path) -> bytes:
    """Return the seed in a key file that `keep_seed` wrote."""
    return bytes.fromhex(_read(path)["seed"])


def _write(path: Path, value: dict[str, Any]) -> None:
    """Write a key file whole or not at all; one that exists stays as it is."""
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(value, file, sort_keys=True)
            file.flush()
            os.fsync(file.fileno())
        os.link(partial, path)
        sync_folder(path.parent)
    except OSError as error:
        if path.exists():
            raise InputError(f"{path.name} exists already", "keys are never overwritten") from error
        raise UnavailableError(f"cannot keep the key file {path.name}: {error}", "check its folder") from error
    finally:
        with suppress(OSError):
            partial.unlink()


def _read(path: Path) -> dict[str, Any]:
    try:
        check_private(path)
        value = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise InputError(f"no key file {path.name} here", "run `cantoria ledger init` first") from error
    except OSError as error:
        raise UnavailableError(f"cannot read the key file {path.name}: {error}", "check its folder") from error
    except ValueError as error:
        raise _damaged(path) from error
    if not isinstance(value, dict) or not _SEED.fullmatch(str(value.get("seed"))):
        raise _damaged(path)
    return value


def check_private(path: Path) -> None:
    """Raise `InputError` where others than its owner may read or change a file of keys."""
    if os.name == "posix" and path.stat().st_mode & 0o077:
        raise InputError(f"the key file {path.name} is open to others", f"close it: chmod 600 {path}")


def _read_organisation(path: Path) -> dict[str, Any]:
    value = _read(path)
    known = {int(one) for one in Capacity}
    capacities = value.get("capacities")
    texts = isinstance(value.get("name"), str) and isinstance(value.get("party"), str)
    if not texts or not isinstance(capacities, list) or not capacities:
        raise _damaged(path)
    if any(type(one) is not int or one not in known for one in capacities):
        raise _damaged(path)
    return value


def _damaged(path: Path) -> IntegrityError:
    return IntegrityError(f"the key file {path.name} is damaged", "restore it from a copy")
