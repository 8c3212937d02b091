"""The allowed values of DDEX, by set: read from the official schema file, else from the table shipped here.

The sets move on with every version, so nothing is refused for a value that a set does not hold: it is a finding that
names the version. The table is made from the official file by `tools/make_avs.py`; it holds names of sets and values,
no definitions.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Final

from lxml import etree

from cantoria.kernel.errors import InputError

FILE_BYTES_MAX: Final = 32 * 1024 * 1024
SHIPPED: Final = "9"
_XS: Final = "{http://www.w3.org/2001/XMLSchema}"


@dataclass(frozen=True, slots=True)
class AllowedValues:
    """The sets of one version."""

    version: str
    sets: Mapping[str, frozenset[str]]


@dataclass(slots=True)
class Checked:
    """What is known of values within one message, so that each is looked up and told once."""

    allowed: AllowedValues
    named: str = ""  # the version that the message names
    _seen: set[tuple[str, str]] = field(default_factory=set)

    @property
    def told(self) -> str:
        """The set in words, for a finding."""
        names = f"; the message names {self.named}" if self.named and self.named != self.allowed.version else ""
        return f"version {self.allowed.version} of the allowed values (at hand{names})"

    def knows(self, name: str, value: str) -> bool:
        """Tell whether a value is in the set (of several, `A|B`, in one), or was asked for before; a set that is not
        at hand holds everything."""
        if (name, value) in self._seen:
            return True
        self._seen.add((name, value))
        sets = [self.allowed.sets.get(one) for one in name.split("|")]
        return any(values is None or value in values for values in sets)


@cache
def shipped(version: str = SHIPPED) -> AllowedValues:
    """Return a version that is shipped here; `InputError` for any other."""
    table = resources.files(__package__) / f"v{version}.json"
    if not version.isalnum() or not table.is_file():
        raise InputError(f"version {version!r} of the allowed values is not shipped", "load the official file")
    held = json.loads(table.read_text(encoding="utf-8"))
    return AllowedValues(held["version"], {name: frozenset(values) for name, values in held["sets"].items()})


def load(data: bytes) -> AllowedValues:
    """Read the official schema of allowed values (`allowed-value-sets.xsd`); `InputError` for anything else."""
    if len(data) > FILE_BYTES_MAX or b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        raise InputError("this is not the schema of allowed values", "give DDEX's allowed-value-sets.xsd")
    try:
        root = etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False))
    except etree.XMLSyntaxError as error:
        raise InputError("the schema of allowed values is not well-formed XML", "fetch it again") from error
    sets = {}
    for kind in root.iterchildren(f"{_XS}simpleType"):
        values = [one.get("value") or "" for one in kind.iter(f"{_XS}enumeration")]
        if values:
            sets[kind.get("name") or ""] = frozenset(values)
    version = root.xpath("string(*/*[@source='AvsVersionId'])")
    if not sets or not isinstance(version, str) or not version:
        raise InputError("the schema names no version or holds no set", "give DDEX's allowed-value-sets.xsd")
    return AllowedValues(version.strip(), sets)
