"""A real server on a sample world of the test's own, and a real Chromium that looks at it.

Every page that a journey stops at is photographed (`build/screenshots`), held against axe-core, and must not have asked
for anything that the Content-Security-Policy forbids.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

ROOT: Final = Path(__file__).parents[3]
PICTURES: Final = ROOT / "build" / "screenshots"
WIDTHS: Final = {"desktop": (1280, 900), "phone": (390, 844)}
SERIOUS: Final = ("serious", "critical")
# Tells of every breach of the policy, from before the first byte of the page on.
_WATCH: Final = """
addEventListener("securitypolicyviolation", event => {
  console.error("policy: " + event.violatedDirective + " " + event.blockedURI + " " + event.sample);
});
"""


@pytest.fixture(scope="module")
def chromium(require_part: Callable[[str, bool, str], None]) -> Iterator[Browser]:
    """Debian's Chromium, headless; for one module, since Playwright keeps an event loop running in this thread, beside
    which neither another Playwright nor `asyncio.run` of a later test could run."""
    path = shutil.which("chromium") or shutil.which("google-chrome")
    require_part("Chromium", path is not None, "install the package chromium")
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


class Walk:
    """One person's way through the portal in one language, at one width."""

    def __init__(self, page: Page, address: str, *, name: str, language: str) -> None:
        self.page, self.address, self.name, self.language = page, address, name, language
        self.troubles: list[str] = []
        self._stops = 0
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.troubles.append(f"script: {error}"))
        page.on("response", self._answered)

    def go(self, path: str) -> None:
        """Open a page by its address."""
        self.page.goto(self.address + path, wait_until="networkidle")

    def enter_as(self, role: str) -> None:
        """Come in by one of the demonstration's accounts."""
        self.go("/sign-in")
        self.page.locator(f"[data-demo={role}]").click()
        self.page.wait_for_load_state("networkidle")

    def stop(self, what: str) -> None:
        """Look around: photograph the page and hold it against axe-core."""
        self._stops += 1
        PICTURES.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=PICTURES / f"{self.name}-{self._stops:02}-{what}.png", full_page=True)
        assert self.page.locator("html").get_attribute("lang") == self.language
        found = Axe().run(self.page).response["violations"]
        told = [f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in found if one["impact"] in SERIOUS]
        assert not told, f"{self.page.url}: {told}"
        wide = self.page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth + 1")
        assert not wide, f"{self.page.url} scrolls sideways"

    def _hear(self, message: Any) -> None:
        if message.type == "error":
            self.troubles.append(f"{self.page.url}: {message.text}")

    def _answered(self, response: Any) -> None:
        if response.status >= 500:
            self.troubles.append(f"{response.url}: {response.status}")


@contextmanager
def serving(home: Path) -> Iterator[str]:
    """Serve a house by the command, in a process of its own; give its address."""
    command = [sys.executable, "-m", "cantoria", "--home", str(home), "serve", "--port", "0"]
    told = home.with_name("server.err")
    with (
        told.open("w") as errors,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True) as server,
    ):
        try:
            assert server.stdout is not None
            address = server.stdout.readline().strip()
            assert address.startswith("http://"), told.read_text("utf-8")
            yield address
        finally:
            server.terminate()


@pytest.fixture(params=["en", "ko", "es"])
def language(request: pytest.FixtureRequest) -> str:
    """Each of the portal's languages."""
    return str(request.param)


@pytest.fixture(params=WIDTHS)
def width(request: pytest.FixtureRequest) -> str:
    """A desk and a phone."""
    return str(request.param)


@pytest.fixture
def walk(
    home: Path, chromium: Browser, language: str, width: str, request: pytest.FixtureRequest
) -> Iterator[Callable[[], Walk]]:
    """Begin a walk; in the end nothing must have gone wrong on the way. A second walk is another person's."""
    walks: list[Walk] = []
    contexts: list[BrowserContext] = []
    with ExitStack() as stack:
        address = stack.enter_context(serving(home))

        def begin() -> Walk:
            context = chromium.new_context(
                viewport=dict(zip(("width", "height"), WIDTHS[width], strict=True)),
                locale=language,
                accept_downloads=True,
            )
            contexts.append(context)
            context.add_init_script(_WATCH)
            name = f"{request.node.originalname.removeprefix('test_')}-{language}-{width}"
            suffix = f"-{len(walks) + 1}" if walks else ""
            walks.append(Walk(context.new_page(), address, name=name + suffix, language=language))
            return walks[-1]

        yield begin
        for context in contexts:
            context.close()
        assert [trouble for one in walks for trouble in one.troubles] == []
