"""From what a developer names as the source of clearance to the judge who answers for it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from cantoria.kernel.errors import InputError
from cantoria.sdk.client import Client
from cantoria.sdk.gate.judge import Judge
from cantoria.sdk.gate.remote import RemoteJudge
from cantoria.sdk.gate.snapshot import open_snapshot
from cantoria.sdk.gate.wish import Wish


def judge_of(
    source: Any,
    *,
    wish: Wish,
    at: int | None,
    now: int,
    key: str,
    unsafe_unpinned: bool,
    cache: str | os.PathLike[str] | None,
) -> Judge:
    """Return the judge of a source: a judge as it is; a `Client` or an address (http, https) asked over the network; a
    folder verified, and compiled for the wish or found in the cache. `at` is the moment that was asked for, if any."""
    if isinstance(source, Client):
        return RemoteJudge.open(source, wish=wish, at=at, now=now)
    if hasattr(source, "marks") and hasattr(source, "basis"):
        judge: Judge = source
        return judge
    text = os.fspath(source) if isinstance(source, str | os.PathLike) else ""
    if not isinstance(text, str) or not text:
        raise InputError(
            f"{type(source).__name__} is no source of clearance", "give a snapshot's folder, an address or a Client"
        )
    if text.startswith(("http://", "https://")):
        return RemoteJudge.open(Client(text), wish=wish, at=at, now=now)
    return open_snapshot(
        Path(text),
        wish=wish,
        at=at,
        now=now,
        key=key,
        unsafe_unpinned=unsafe_unpinned,
        cache=None if cache is None else Path(cache),
    )
