"""The three verifiers of one set of vectors: the library, the one Python file, the web page in a browser."""

from __future__ import annotations

import base64
import importlib.util
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from tests.verifier.browser import Browser, chromium

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "verifier" / "cantoria_verify.py"
PAGE = ROOT / "verifier" / "index.html"


@dataclass(frozen=True)
class Case:
    """One vector: a file under a trust, what it must come to, and for a tlog-proof its entry."""

    group: str
    name: str
    data: bytes
    trust: str
    entry: bytes | None
    found: dict[str, Any] | None


def load_cases() -> list[Case]:
    """Return all vectors of `vectors/verify`."""
    found = []
    for path in sorted((ROOT / "vectors" / "verify").glob("*.json")):
        for case in json.loads(path.read_text("utf-8"))["cases"]:
            data = case["file"].encode() if "file" in case else bytes.fromhex(case["file_hex"])
            entry = bytes.fromhex(case["entry"]) if "entry" in case else None
            found.append(Case(path.stem, case["name"], data, case["trust"], entry, case.get("found")))
    return found


def load_script() -> ModuleType:
    """Return the stand-alone verifier as a module."""
    if "cantoria_verify" not in sys.modules:
        spec = importlib.util.spec_from_file_location("cantoria_verify", SCRIPT)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules["cantoria_verify"] = module
        spec.loader.exec_module(module)
    return sys.modules["cantoria_verify"]


def genesis(case: dict[str, Any]) -> bytes:
    """Return the genesis file of the chain in a vector of commits."""
    keys = [(base64.b64encode(bytes.fromhex(one["public_key"])).decode(), one["power"]) for one in case["validators"]]
    validators = [
        {"pub_key": {"type": "tendermint/PubKeyEd25519", "value": key}, "power": power} for key, power in keys
    ]
    return json.dumps({"chain_id": case["chain_id"], "validators": validators}).encode()


def by_script(data: bytes, *, trust: str, entry: bytes | None = None) -> dict[str, Any] | None:
    """Return what the stand-alone verifier finds, integers as text, or None where it refuses."""
    script = load_script()
    try:
        pinned = script.trust_policy(trust.encode()) if " " in trust else script.trust_key(trust)
        found = script.verify(data, pinned, entry)
    except script.DoesNotHoldError:
        return None
    if "body" in found:
        found["body"] = script.encode(found["body"]).decode()
    plain: dict[str, Any] = json.loads(json.dumps(found), parse_int=str)
    return plain


# Verifies a list of files in the page itself, and gives integers as text and bodies in their canonical spelling.
IN_PAGE = """(async (files) => {
  const fromHex = (text) => Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
  const plain = (value) =>
    value instanceof Map ? Verifier.spell(value)
    : Array.isArray(value) ? value.map(plain)
    : typeof value === "number" || typeof value === "bigint" ? String(value)
    : value !== null && typeof value === "object" ? Object.fromEntries(Object.entries(value).map(field)) : value;
  const field = ([name, item]) => [name, name === "body" ? Verifier.spell(item) : plain(item)];
  const results = [];
  for (const { data, trust, entry } of files) {
    try {
      const pinned = await Verifier.trustIn(new TextEncoder().encode(trust));
      results.push(plain(await Verifier.verify(fromHex(data), pinned, entry === null ? null : fromHex(entry))));
    } catch (error) {
      if (!(error instanceof Verifier.DoesNotHold)) throw error;
      results.push(null);
    }
  }
  return results;
})"""
SENT_MAX = 8 * 1024 * 1024

InPage = Callable[[list[tuple[bytes, str, bytes | None]]], list[dict[str, Any] | None]]


@pytest.fixture(scope="session")
def browser(require_part: Callable[[str, bool, str], None]) -> Iterator[Browser]:
    """Return a browser that shows the page, in English."""
    require_part("Chromium", chromium() is not None, "apt-get install chromium")
    opened = Browser("--lang=en-US", "--accept-lang=en-US")
    try:
        opened.open(PAGE)
        yield opened
    finally:
        opened.close()


@pytest.fixture
def in_page(browser: Browser) -> InPage:
    """Return a function that verifies (data, trust, entry) triples in the page."""

    def verify(files: list[tuple[bytes, str, bytes | None]]) -> list[dict[str, Any] | None]:
        results: list[dict[str, Any] | None] = []
        batch: list[dict[str, Any]] = []
        sent = 0
        for data, trust, entry in files:
            batch.append({"data": data.hex(), "trust": trust, "entry": None if entry is None else entry.hex()})
            sent += 2 * len(data) + len(trust)
            if sent > SENT_MAX or len(batch) >= 200:
                results += browser.run(f"{IN_PAGE}({json.dumps(batch)})")
                batch, sent = [], 0
        return results + browser.run(f"{IN_PAGE}({json.dumps(batch)})")

    return verify
