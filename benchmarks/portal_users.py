"""Users of a portal, each on a connection of its own, in one process: what they ask, and how long they wait."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Sequence
from random import Random
from typing import Any


async def visit(address: str, asked: Sequence[tuple[str, str]], *, think: float, seed: int) -> list[Any]:
    """Ask one address after the other, thinking in between; return kind, seconds, status and bytes of each answer."""
    host, _, port = address.removeprefix("http://").partition(":")
    rng, found = Random(seed), []
    reader, writer = await asyncio.open_connection(host, int(port))
    await asyncio.sleep(rng.random() * think)
    for kind, path in asked:
        started = time.perf_counter()
        head = f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nAccept: text/html\r\nAccept-Encoding: gzip\r\n\r\n"
        writer.write(head.encode())
        status, length = await answer(reader)
        found.append((kind, time.perf_counter() - started, status, length))
        if think:
            await asyncio.sleep(rng.expovariate(1 / think))
    writer.close()
    return found


async def answer(reader: asyncio.StreamReader) -> tuple[int, int]:
    """Read one answer; return its status and how many bytes its body has on the line."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    status = int(head.split(" ", 2)[1])
    lines = dict(line.split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line)
    if "content-length" in lines:
        length = int(lines["content-length"])
        await reader.readexactly(length)
        return status, length
    length = 0
    while True:
        size = int(await reader.readline(), 16)
        await reader.readexactly(size + 2)
        if not size:
            return status, length
        length += size


async def crowd(address: str, users: Sequence[Sequence[tuple[str, str]]], *, think: float) -> dict[str, Any]:
    """Have all users visit at once."""
    started = time.perf_counter()
    found = await asyncio.gather(
        *(visit(address, asked, think=think, seed=number) for number, asked in enumerate(users))
    )
    return {"wall": time.perf_counter() - started, "answers": [one for part in found for one in part]}


if __name__ == "__main__":
    order = json.loads(sys.stdin.read())
    print(json.dumps(asyncio.run(crowd(order["address"], order["users"], think=order["think"]))))
