"""The pages of money in a real Chromium: the policy holds, explorers draw, zoom by keyboard, have tables."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from cantoria.app.access.permissions import Role
from cantoria.royalty.facts import StatementIssued
from cantoria.web.app import create_app
from cantoria.web.portal.money.workshop import workshop_of
from cantoria.web.portal.opening import open_portal

SETTLED: Final = 120.0
LOOKS: Final = [(1280, "light", "en"), (1280, "dark", "ko"), (360, "light", "es"), (360, "dark", "en")]
WATCH: Final = """
addEventListener("securitypolicyviolation", event => console.error("policy: " + event.violatedDirective));
"""


@pytest.fixture(scope="module")
def browser(require_part: Callable[[str, bool, str], None]) -> Iterator[Browser]:
    path = shutil.which("chromium") or shutil.which("google-chrome")
    require_part("Chromium", path is not None, "install the package chromium")
    with sync_playwright() as play:
        opened = play.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def served(site: Any, sample_home: Path) -> Iterator[Any]:
    """The portal on a port of its own; its visitor is the artist of the recorded statement."""
    portal = open_portal(sample_home, desk=None)
    doorman = type(site.doorman)()
    portal.doorman = doorman
    house = site.house()
    issued = next(iter(house.index.scan(tags=[StatementIssued.TYPE.tag]))).fact
    house.close()
    opened = type(site)(sample_home, None, doorman)
    opened.become(Role.PERSON, party=issued.party, organisation="org-haneulsori", persons=(issued.party,))
    server = uvicorn.Server(uvicorn.Config(create_app(None, portal=portal), port=0, log_level="error"))
    ready = threading.Event()
    begin = server.startup

    async def startup(*arguments: Any, **more: Any) -> None:
        await begin(*arguments, **more)
        ready.set()

    server.startup = startup  # type: ignore[method-assign]
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    assert ready.wait(SETTLED)
    opened.address = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    opened.statement = f"/earnings/{issued.party}/{issued.label}?currency=KRW"
    opened.shop = workshop_of(portal)
    yield opened
    server.should_exit = True
    thread.join(SETTLED)


def page_of(browser: Browser, troubles: list[str], *, width: int, scheme: Any, language: str) -> Page:
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, locale=language)
    context.add_init_script(WATCH)
    page = context.new_page()
    page.on("console", lambda said: troubles.append(f"{page.url}: {said.text}") if said.type == "error" else None)
    page.on("pageerror", lambda error: troubles.append(str(error)))
    return page


def sound(page: Page) -> None:
    """The page is accessible and does not scroll sideways."""
    found = Axe().run(page).response["violations"]
    assert not [(one["id"], one["nodes"][0]["html"]) for one in found if one["impact"] in ("serious", "critical")]
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth + 1"), page.url


@pytest.mark.parametrize(("width", "scheme", "language"), LOOKS)
def test_pages_of_money_look_sound(served: Any, browser: Browser, width: int, scheme: str, language: str) -> None:
    troubles: list[str] = []
    page = page_of(browser, troubles, width=width, scheme=scheme, language=language)
    page.goto(f"{served.address}/coverage")
    assert served.shop.settle(SETTLED)
    for path in ("/earnings", served.statement, "/money", "/coverage"):
        page.goto(served.address + path, wait_until="networkidle")
        assert path == "/earnings" or page.locator("svg.chart").count() > 0
        for one in page.locator("main details").all()[:6]:
            one.evaluate("one => { one.open = true; }")
        sound(page)
    page.goto(served.address + served.statement)
    page.locator("form[action$=recompute] button, form[action*='recompute'] button").first.click()
    page.wait_for_load_state("networkidle")
    assert "✔" in page.locator("main").inner_text()
    page.context.close()
    assert not troubles, troubles


@pytest.mark.parametrize(("width", "scheme", "language"), LOOKS)
def test_explorers_draw_and_zoom(served: Any, browser: Browser, width: int, scheme: str, language: str) -> None:
    troubles: list[str] = []
    page = page_of(browser, troubles, width=width, scheme=scheme, language=language)
    page.goto(f"{served.address}/coverage")
    assert served.shop.settle(SETTLED)
    page.goto(f"{served.address}/explore", wait_until="networkidle")
    for kind in ("growth", "coverage", "money"):
        page.wait_for_selector(f"[data-explorer={kind}] svg path", state="attached")
    for kind in ("coverage", "money"):
        assert page.locator(f"[data-table={kind}] tbody tr").count() > 3
    growth = page.locator("[data-explorer=growth]")
    before = growth.inner_html()
    growth.focus()
    page.keyboard.press("+")
    page.keyboard.press("ArrowRight")
    page.wait_for_function(
        "before => document.querySelector('[data-explorer=growth]').innerHTML !== before", arg=before
    )
    money = page.locator("[data-explorer=money]")
    before = money.inner_html()
    page.select_option("[data-choose=money]", "KRW")
    page.wait_for_function("before => document.querySelector('[data-explorer=money]').innerHTML !== before", arg=before)
    page.select_option("[data-choose=coverage]", "denied")
    growth.hover(position={"x": 150, "y": 150})
    sound(page)
    page.context.close()
    assert not troubles, troubles
