"""The table of dependencies says what is installed, and nothing under a copyleft licence comes in unasked."""

from __future__ import annotations

import re
import tomllib
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PROJECT: Any = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
ROW = re.compile(r"\| (?P<name>[a-z0-9-]+) \| (?P<licence>[^|]+) \| (?P<installed>[^|]+) \| (?P<why>[^|]+) \|")


def name_of(requirement: str) -> str:
    return re.split(r"[^A-Za-z0-9._-]", requirement, maxsplit=1)[0].lower().replace("_", "-")


def rows() -> dict[str, re.Match[str]]:
    text = (ROOT / "docs" / "reference" / "dependencies.md").read_text(encoding="utf-8")
    return {found["name"]: found for found in map(ROW.fullmatch, text.splitlines()) if found}


def brought_along(names: set[str]) -> set[str]:
    """All that a plain installation of these brings, as far as it is installed here."""
    found: set[str] = set()
    while names - found:
        name = sorted(names - found)[0]
        found.add(name)
        try:
            requires = metadata.requires(name) or []
        except metadata.PackageNotFoundError:  # only for another platform
            continue
        names |= {name_of(one) for one in requires if "extra ==" not in one}
    return found


def licence_of(name: str) -> str:
    about: Any = metadata.metadata(name)
    classifiers = [one for one in about.get_all("Classifier") or [] if one.startswith("License")]
    return " ".join(filter(None, [about.get("License-Expression"), (about.get("License") or "")[:60], *classifiers]))


ALWAYS = {name_of(one) for one in PROJECT["dependencies"]}


def test_the_table_is_that_of_the_project() -> None:
    optional = {name_of(one): extra for extra, ones in PROJECT["optional-dependencies"].items() for one in ones}
    wanted = dict.fromkeys(ALWAYS, "always") | {name: f"with the extra `{extra}`" for name, extra in optional.items()}
    assert {name: row["installed"] for name, row in rows().items()} == wanted


@pytest.mark.parametrize("name", sorted(brought_along(set(ALWAYS))))
def test_nothing_that_comes_along_is_copyleft(name: str) -> None:
    try:
        licence = licence_of(name)
    except metadata.PackageNotFoundError:
        pytest.skip(f"{name} is for another platform")
    assert licence
    assert not re.search(r"GPL|General Public|Affero|SSPL", licence)


def test_the_licences_are_as_their_authors_state_them() -> None:
    for name in sorted(ALWAYS):
        word = re.split(r"[- ]", rows()[name]["licence"])[0]
        assert word in licence_of(name), f"{name}: {licence_of(name)}"
    assert "psycopg" not in brought_along(set(ALWAYS))
