"""The other members of a node as its data service reaches them: from `node.toml`, which `cantoria node` writes."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from cantoria.adapters.files import read_file
from cantoria.adapters.http.members import Member
from cantoria.app.fact_types import BY_NAME
from cantoria.bootstrap.settings import FILE as HOUSE_FILE
from cantoria.kernel.errors import InputError, UnavailableError

NODE_FILE: Final = "node.toml"
_BYTES_MAX: Final = 262_144


@dataclass(frozen=True, slots=True)
class Neighbours:
    """A node's place among the members: the name of its key, where its data service listens (host:port, or empty), and
    the members that have one."""

    organisation: str
    listens: str
    members: tuple[Member, ...]


def read_neighbours(home: Path) -> Neighbours:
    """Return who runs the node at `home` and whom it can reach; `InputError` where there is no node."""
    value = _toml(home / NODE_FILE, remedy="make a node with `cantoria node init`")
    try:
        node = value["node"]
        members = tuple(
            Member(bytes.fromhex(one["organisation"]), str(one["name"]), str(one["data"]))
            for one in value.get("peer", [])
            if one.get("data")
        )
        found = Neighbours(str(node["organisation"]), str(node.get("data", "")), members)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InputError(f"{home / NODE_FILE} is not as a node writes it: {error}", "see `cantoria node`") from error
    if any(len(one.organisation) != 16 for one in members):
        raise InputError(
            f"{home / NODE_FILE} names a peer whose organisation is no id", "copy it from the member's card"
        )
    return found


def endorsed_unseen(home: Path) -> frozenset[int]:
    """Return the type tags that the house at `home` endorses without asking a person: `[data] endorse`, by name."""
    data = _toml(home / HOUSE_FILE, remedy="make a house first").get("data", {})
    names = data.get("endorse", []) if isinstance(data, dict) else None
    if not isinstance(names, list) or not all(isinstance(one, str) for one in names):
        raise InputError("[data] endorse is not a list of fact types", 'write endorse = ["work-registered"]')
    unknown = sorted(set(names) - set(BY_NAME))
    if unknown:
        raise InputError(f"{unknown[0]!r:.80} is no fact type", "see docs/reference/facts.md")
    return frozenset(BY_NAME[one].TYPE.tag for one in names)


def _toml(path: Path, *, remedy: str) -> dict[str, Any]:
    try:
        return tomllib.loads(read_file(path, bytes_max=_BYTES_MAX).decode("utf-8"))
    except FileNotFoundError as error:
        raise InputError(f"there is no {path}", remedy) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path} is not valid TOML: {error}") from error
    except OSError as error:
        raise UnavailableError(f"cannot read {path}: {error}", "check the folder and retry") from error
