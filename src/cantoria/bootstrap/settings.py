"""Settings, read once: where a house keeps its things and which parts it runs on."""

from __future__ import annotations

import os
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from cantoria.adapters.files import write_whole
from cantoria.kernel.errors import InputError, UnavailableError

FILE: Final = "cantoria.toml"
TEMPLATE: Final = """# Settings of this house. See docs/reference/settings.md.
[ledger]
origin = "{origin}"
# "sqlite" keeps the ledger in ledger.db beside this file; or a PostgreSQL address:
# store = "postgresql+psycopg://user:password@host/database"
store = "{store}"
# "embedded": this house orders its ledger alone; "consortium": the node in this folder does, with the other members.
engine = "{engine}"

[analytics]
threads = {threads}
memory_mib = {memory_mib}
"""


EMBEDDED: Final = "embedded"
CONSORTIUM: Final = "consortium"
ENGINES: Final = (EMBEDDED, CONSORTIUM)
_ENGINE_LINE: Final = re.compile(r'^engine *= *"[a-z]*"', re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Settings:
    """One house: its folder, the log's origin, the ledger's store, how much the analytics engine may use, and which
    engine orders the ledger."""

    home: Path
    origin: str
    store: str = "sqlite"
    threads: int = 2
    memory_mib: int = 2048
    engine: str = EMBEDDED


def draft(home: Path, *, origin: str, store: str = "sqlite") -> Settings:
    """Return the settings of a house to be made at `home`; where there is one already it is refused."""
    if (home / FILE).exists():
        raise InputError(f"{home / FILE} exists already", "choose another folder with --home")
    for name, value in (("origin", origin), ("store", store)):
        if not value or any(c in value for c in '"\\\n\r') or not value.isprintable():
            raise InputError(f"{value!r:.80} cannot be the ledger's {name}")
    return Settings(home, origin, store)


def write(settings: Settings) -> None:
    """Write the settings file of a house, whole or not at all."""
    partial = settings.home / f"{FILE}.partial"
    text = TEMPLATE.format(
        origin=settings.origin,
        store=settings.store,
        engine=settings.engine,
        threads=settings.threads,
        memory_mib=settings.memory_mib,
    )
    try:
        with partial.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(settings.home / FILE)
    except OSError as error:
        raise UnavailableError(f"cannot write the settings: {error}", "check the folder and retry") from error


def choose_engine(home: Path, engine: str) -> None:
    """Write another engine into the settings of the house at `home`; whatever else stands there stays."""
    if read(home).engine == engine:
        return
    text = (home / FILE).read_text(encoding="utf-8")
    line = f'engine = "{engine}"'
    changed, count = _ENGINE_LINE.subn(line, text, count=1)
    if not count:
        changed = text.replace("[ledger]\n", f"[ledger]\n{line}\n", 1)
    try:
        write_whole(home / FILE, changed.encode())
    except OSError as error:
        raise UnavailableError(f"cannot write the settings: {error}", "check the folder and retry") from error
    if read(home).engine != engine:
        raise InputError(f"{home / FILE} is written in a way of its own", f"write {line} under [ledger] yourself")


def read(home: Path) -> Settings:
    """Read the settings of the house at `home`."""
    path = home / FILE
    try:
        value = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise InputError(f"no house at {home}: {FILE} is missing", "make one with `cantoria ledger init`") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path} is not valid TOML: {error}") from error
    except OSError as error:
        raise UnavailableError(f"cannot read {path}: {error}", "check the folder and retry") from error
    ledger, analytics = _table(value, "ledger", path), _table(value, "analytics", path)
    origin, store = ledger.get("origin"), ledger.get("store", "sqlite")
    if not isinstance(origin, str) or not origin:
        raise InputError(f"{path} names no ledger origin", 'add origin = "rights.example/log/1" under [ledger]')
    if not isinstance(store, str):
        raise InputError(f"{path}: the ledger's store is not text", 'write store = "sqlite"')
    engine = ledger.get("engine", EMBEDDED)
    if engine not in ENGINES:
        raise InputError(f"{path}: {engine!r:.60} is no engine", 'write engine = "embedded" or engine = "consortium"')
    numbers = (analytics.get("threads", 2), analytics.get("memory_mib", 2048))
    if any(type(number) is not int or number < 1 for number in numbers):
        raise InputError(f"{path}: threads and memory_mib are whole numbers above 0", "write threads = 2")
    return Settings(home, origin, store, *numbers, engine)


def _table(value: dict[str, Any], name: str, path: Path) -> dict[str, Any]:
    found = value.get(name, {})
    if not isinstance(found, dict):
        raise InputError(f"{path}: {name} is not a table", f"write [{name}] on a line of its own")
    return found
