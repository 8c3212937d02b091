"""Serving an application on loopback for the length of a test, over real sockets."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from starlette.types import ASGIApp

from cantoria.adapters.http.serving import listen, server

WAIT_SECONDS = 120


@contextmanager
def running(app: ASGIApp, *, lifespan: Literal["on", "off"] = "off") -> Iterator[str]:
    """Serve `app` in a thread and yield its address; it has stopped when the block ends."""
    listening = listen("127.0.0.1", port=0)
    serving = server(app, lifespan=lifespan)
    thread = threading.Thread(target=serving.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    deadline = time.monotonic() + WAIT_SECONDS
    while not serving.started and time.monotonic() < deadline:
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        serving.should_exit = True
        thread.join(WAIT_SECONDS)
        listening.close()
