"""Settings, read once: where a house keeps its things and which parts it runs on."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cantoria.kernel.errors import InputError

FILE: Final = "cantoria.toml"
TEMPLATE: Final = """# Settings of this house. See docs/reference/settings.md.
[ledger]
origin = "{origin}"
# "sqlite" keeps the ledger in ledger.db beside this file; or a PostgreSQL address:
# store = "postgresql+psycopg://user:password@host/database"
store = "{store}"

[analytics]
threads = 2
memory_mib = 2048
"""


@dataclass(frozen=True, slots=True)
class Settings:
    """One house: its folder, the log's origin, the ledger's store, and how much the analytics engine may use."""

    home: Path
    origin: str
    store: str = "sqlite"
    threads: int = 2
    memory_mib: int = 2048


def write(home: Path, *, origin: str, store: str = "sqlite") -> Settings:
    """Create the settings file of a new house; an existing one is refused."""
    home.mkdir(parents=True, exist_ok=True)
    path = home / FILE
    if path.exists():
        raise InputError(f"{path} exists already", "choose another folder with --home")
    for name, value in (("origin", origin), ("store", store)):
        if not value or any(c in value for c in '"\\\n\r') or not value.isprintable():
            raise InputError(f"{value!r:.80} cannot be the ledger's {name}")
    path.write_text(TEMPLATE.format(origin=origin, store=store), encoding="utf-8")
    return read(home)


def read(home: Path) -> Settings:
    """Read the settings of the house at `home`."""
    path = home / FILE
    try:
        value = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise InputError(f"no house at {home}: {FILE} is missing", "make one with `cantoria init`") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path} is not valid TOML: {error}") from error
    ledger, analytics = value.get("ledger", {}), value.get("analytics", {})
    settings = Settings(
        home,
        ledger.get("origin", ""),
        ledger.get("store", "sqlite"),
        analytics.get("threads", 2),
        analytics.get("memory_mib", 2048),
    )
    if not isinstance(ledger.get("origin"), str) or not settings.origin:
        raise InputError(f"{path} names no ledger origin", 'add origin = "rights.example/log/1" under [ledger]')
    numbers = (analytics.get("threads", 2), analytics.get("memory_mib", 2048))
    if any(type(number) is not int or number < 1 for number in numbers):
        raise InputError(f"{path}: threads and memory_mib are whole numbers")
    return settings
