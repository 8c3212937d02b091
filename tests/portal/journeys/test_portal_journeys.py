"""Three more journeys: a society settles a conflict, a developer clears and asks, a citizen checks.

Each in three languages, at a desk and on a phone, so nothing here knows a word of the portal: people are led by forms,
addresses and states.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import expect

from cantoria.bootstrap.house import open_house
from cantoria.registry.facts import LinkAsserted
from cantoria.registry.types import Relation

HOLDERS = 60  # rows of the developer's dataset
PATIENCE = 60_000  # milliseconds that a job may take on a busy machine


def path_of(address: str) -> str:
    """Return the path of an address."""
    return urlsplit(address).path


def submit(walk: Any, action: str) -> None:
    """Press the one button of a form."""
    form = walk.page.locator(f'form[action^="{action}"]')
    form.locator("button:not([type=button]):not([type=reset])").last.click()
    walk.page.wait_for_load_state("networkidle")


def test_society(walk):
    society = walk()
    society.enter_as("society")
    society.go("/matches")
    society.stop("matches")
    society.go("/cases")
    society.stop("cases")
    society.page.locator('main a[href*="/cases/case_"]').first.click()
    society.page.wait_for_load_state("networkidle")
    case = society.page.url
    society.stop("case")
    register = walk()
    register.enter_as("register")
    register.page.goto(case, wait_until="networkidle")
    register.stop("case")
    names = register.page.locator('input[name="stands"]')
    assert names.count() >= 2, "there is nothing to decide between"
    names.first.check()
    for number in range(1, names.count()):
        register.page.locator('input[name="falls"]').nth(number).check()
    register.page.locator('textarea[name="outcome"]').fill("The contract of 2019 was shown: the first claim stands.")
    submit(register, path_of(case) + "/decide")
    register.stop("decided")
    society.page.goto(case, wait_until="networkidle")
    assert society.page.locator('input[name="stands"]').count() == 0
    society.stop("settled")
    society.go("/files")
    society.stop("files")
    society.go("/members")
    society.stop("members")
    society.go("/jobs")
    society.stop("jobs")


def manifest(home: Path) -> bytes:
    """Return a small dataset of the sample world as CSV."""
    house = open_house(home)
    try:
        links = house.index.scan(tags=[LinkAsserted.TYPE.tag])
        named = [one.fact.left for one in links if one.fact.relation is Relation.IDENTIFIES]
    finally:
        house.close()
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(["isrc"])
    table.writerows([[code.removeprefix("isrc:")] for code in named if code.startswith("isrc:")][:HOLDERS])
    return text.getvalue().encode()


def test_developer(walk, home):
    rows = manifest(home)
    developer = walk()
    developer.enter_as("developer")
    developer.go("/developers")
    developer.stop("developers")
    developer.go("/datasets/new")
    page = developer.page
    page.locator("input[type=file]").set_input_files({"name": "mine.csv", "mimeType": "text/csv", "buffer": rows})
    page.locator('input[name="use"][value="train_generative"]').check()
    for name, text in (("model", "Journey"), ("model_version", "1.0"), ("training_place", "KR")):
        page.locator(f'input[name="{name}"]').fill(text)
    page.locator('input[name="establishment"]').fill("KR")
    page.locator('input[name="markets"]').fill("KR ES")
    developer.stop("new")
    submit(developer, "/datasets/new")
    expect(page.locator('a[href$="/certificate"]').first).to_be_visible(timeout=PATIENCE)
    page.wait_for_load_state("networkidle")
    dataset = page.url
    developer.stop("cleared")
    with page.expect_download() as download:
        page.locator('a[href$="/certificate"]').first.click()
    assert download.value.path().stat().st_size > 1_000
    developer.go(f"{path_of(dataset)}/rows?status=unknown")
    developer.stop("rows")
    page.goto(dataset)
    page.locator('input[name="price"]').fill("EUR 0.05")
    submit(developer, path_of(dataset) + "/ask")
    developer.stop("whom-it-would-ask")
    submit(developer, "/requests/")
    expect(page.locator('a[href^="/negotiations/"]').first).to_be_visible(timeout=PATIENCE)
    developer.stop("asked")
    page.locator('a[href^="/negotiations/"]').first.click()
    page.wait_for_load_state("networkidle")
    developer.stop("negotiation")


def test_citizen(walk):
    citizen = walk()
    citizen.go("/")
    citizen.stop("start")
    page = citizen.page
    page.keyboard.press("/")
    page.keyboard.type("봄")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?*")
    page.wait_for_load_state("networkidle")
    citizen.stop("search")
    page.locator('main a[href*="/recordings/"]').first.click()
    page.wait_for_load_state("networkidle")
    citizen.stop("recording")
    page.locator('main a[href*="/clearance?"]').first.click()
    page.wait_for_load_state("networkidle")
    citizen.stop("veto")
    citizen.go("/certificates")
    citizen.stop("certificates")
    page.locator('main a[href*="/certificates/"]').first.click()
    page.wait_for_load_state("networkidle")
    citizen.stop("certificate")
    citizen.go("/was-i-in-it?code=isrc:KRZZZ2600001")
    citizen.stop("absent")
    citizen.go("/coverage")
    citizen.go("/money")
    citizen.stop("money")
    citizen.go("/entries/400")
    citizen.stop("entry")
    with page.expect_download() as download:
        page.locator('main a[href*="/proof"]').first.click()
    assert download.value.path().stat().st_size > 500
    citizen.go("/ledger")
    page.locator("[data-selftest] button").first.click()
    expect(page.locator("html")).to_have_attribute("data-ledger-test", "passed", timeout=PATIENCE)
    citizen.stop("ledger-tested")
