"""The ledger's self-test and the verify button in a real Chromium: both hold, and fail where one bit is changed."""

from __future__ import annotations

import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from cantoria.app import lineage_views
from cantoria.bootstrap.house import open_house
from cantoria.web.app import create_app
from cantoria.web.portal.faces import STATIC
from cantoria.web.portal.opening import open_portal

ROOT = Path(__file__).parents[3]
WAIT_SECONDS = 60


class Tampering:
    """An application between the portal and its readers that changes one bit of every answer to `path`."""

    def __init__(self, app: Any) -> None:
        self.app = app
        self.path = ""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Pass a request on, and its answer back."""

        async def changed(message: Any) -> None:
            if message["type"] == "http.response.body" and len(message.get("body", b"")) > 10:
                data = bytearray(message["body"])
                data[2 * len(data) // 3] ^= 1
                message = {**message, "body": bytes(data)}
            await send(message)

        hit = scope["type"] == "http" and self.path and scope["path"].startswith(self.path)
        await self.app(scope, receive, changed if hit else send)


@pytest.fixture(scope="module")
def served(sample_home: Path) -> Iterator[tuple[str, Tampering]]:
    """The portal of the sample world on a port of its own, and what can tamper with it."""
    tampering = Tampering(create_app(None, portal=open_portal(sample_home, desk=None)))
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        server = uvicorn.Server(uvicorn.Config(tampering, log_level="critical"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        until = time.monotonic() + WAIT_SECONDS
        while not server.started and time.monotonic() < until:
            time.sleep(0.02)
        assert server.started
        yield f"http://127.0.0.1:{listening.getsockname()[1]}", tampering
        server.should_exit = True
        thread.join(WAIT_SECONDS)


@pytest.fixture(scope="module")
def chromium(require_part: Callable[[str, bool, str], None]) -> Iterator[Browser]:
    """Debian's Chromium."""
    path = shutil.which("chromium") or shutil.which("google-chrome")
    require_part("Chromium", path is not None, "apt-get install chromium")
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Browser, served: tuple[str, Tampering]) -> Iterator[Page]:
    """A page of a browser that remembers nothing; its scripts must not fail, nor the policy be broken."""
    address, tampering = served
    tampering.path = ""
    context = chromium.new_context(base_url=address, locale="en")
    opened = context.new_page()
    troubles: list[str] = []
    opened.on("pageerror", lambda error: troubles.append(str(error)))
    opened.on("console", lambda said: troubles.append(said.text) if "Content Security Policy" in said.text else None)
    yield opened
    context.close()
    assert troubles == []


def tried(page: Page) -> dict[str, str]:
    """Press the button and return the outcome of each step, and of all."""
    page.click("[data-selftest] button")
    page.wait_for_selector("html[data-ledger-test=passed], html[data-ledger-test=failed]")
    steps = page.query_selector_all("[data-step]")
    found = {str(one.get_attribute("data-step")): str(one.get_attribute("data-outcome")) for one in steps}
    return {**found, "all": str(page.get_attribute("html", "data-ledger-test"))}


GOOD = dict.fromkeys(("able", "key", "checkpoint", "entries", "growth"), "good")


def test_the_ledger_passes_and_is_remembered(page: Page) -> None:
    page.goto("/ledger")
    assert tried(page) == {**GOOD, "memory": "unknown", "all": "passed"}
    assert "Everything holds" in page.inner_text("[data-verdict]")
    page.goto("/ledger")
    assert tried(page) == {**GOOD, "memory": "good", "all": "passed"}


@pytest.mark.parametrize(
    ("path", "step"),
    [("/ledger/checkpoint", "checkpoint"), ("/entries/", "entries"), ("/ledger/consistency", "growth")],
)
def test_a_flipped_bit_fails_visibly(page: Page, served: tuple[str, Tampering], path: str, step: str) -> None:
    page.goto("/ledger")
    served[1].path = path
    found = tried(page)
    assert (found[step], found["all"]) == ("bad", "failed")
    state = page.inner_text(f'[data-step="{step}"] [data-state]')
    assert state == "✘ fails"
    assert page.is_visible("[data-verdict].notice-error")


def test_another_logs_key_does_not_hold(page: Page) -> None:
    page.goto("/ledger")
    other = "other.example/log+a5d7d4de+ASn0FrbUq4yhmT2NAf2Tzc0oJF1k9lCSh6kBVFzqbVyE"
    page.fill("#key", other)
    found = tried(page)
    assert found["all"] == "failed"
    assert "bad" in (found["key"], found["checkpoint"])


def test_a_rewritten_past_is_noticed(page: Page) -> None:
    page.goto("/ledger")
    tried(page)
    page.evaluate(
        """() => { const name = Object.keys(localStorage).find((key) => key.startsWith("cantoria-checkpoint"));
        const kept = JSON.parse(localStorage[name]); kept.root = "00" + kept.root.slice(2);
        localStorage[name] = JSON.stringify(kept); }"""
    )
    found = tried(page)
    assert (found["memory"], found["all"]) == ("bad", "failed")


def test_a_certificate_and_an_entry_verify_in_the_browser(
    page: Page, served: tuple[str, Tampering], sample_home: Path
) -> None:
    house = open_house(sample_home)
    issued = next(iter(lineage_views.load(house, size=house.engine.size).certificates.values()))
    house.close()
    addresses = (f"/certificates/{issued.fact.certificate}", f"/entries/{issued.index}", "/entries/0")
    for address in addresses:
        served[1].path = ""
        page.goto(address)
        page.click("[data-verify] button:not([data-flip])")
        page.wait_for_selector("[data-verify][data-outcome=good]")
        page.click("[data-verify] button[data-flip]")
        page.wait_for_selector("[data-verify][data-outcome=bad]")
        served[1].path = f"{address}/proof"
        page.click("[data-verify] button:not([data-flip])")
        page.wait_for_selector("[data-verify][data-outcome=bad]")
        assert "It does not hold" in page.inner_text("[data-verify]")


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_serious_keeps_anybody_out(page: Page, sample_home: Path, width: int, scheme: Any) -> None:
    house = open_house(sample_home)
    history = lineage_views.load(house, size=house.engine.size)
    house.close()
    issued, run = next(iter(history.certificates.values())), next(reversed(history.runs))
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=scheme)
    for address in (
        "/certificates",
        f"/certificates/{issued.fact.certificate}",
        f"/certificates/{issued.fact.certificate}/verification",
        f"/licensees/{issued.fact.request.licensee}",
        "/models",
        f"/models/{history.runs[run].fact.version}",
        f"/runs/{run}",
        "/was-i-in-it?code=isrc:KR9ZA0000379",
        "/was-i-in-it?code=Han",
        f"/entries/{issued.index}",
        "/entries/0",
        "/ledger",
    ):
        page.goto(address)
        found = Axe().run(page).response["violations"]
        told = [(one["id"], one["nodes"][0]["html"][:160]) for one in found if one["impact"] in ("serious", "critical")]
        assert not told, address
        assert len(page.query_selector_all("h1")) == 1
        main = page.evaluate("document.querySelector('main').scrollWidth <= document.documentElement.clientWidth")
        assert main, f"{address} is wider than {width}"


def test_the_portal_serves_the_verifier_that_the_page_has() -> None:
    assert (STATIC / "js" / "verify.js").read_bytes() == (ROOT / "verifier" / "page" / "verify.js").read_bytes()
