"""What the pages say of the portal is there: its addresses are routes, its pictures are shown and small."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from cantoria.web.portal.areas import AREAS

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs" / "how-to").glob("*.md")), *sorted((ROOT / "docs").glob("*/*.md"))]
ADDRESS = re.compile(r"`(?:GET |POST )?(/[a-z][^`?\s]*)[^`]*`")
PICTURE_BYTES_MAX = 250_000
OTHERS = ("/v1", "/static/")  # the API beside the portal, and its files


def addresses() -> Iterator[tuple[str, str]]:
    for page in PAGES:
        for address in ADDRESS.findall(page.read_text("utf-8")):
            if not address.startswith(OTHERS) and page.parent.name in ("how-to", "tutorial"):
                yield page.name, address


def is_route(address: str) -> bool:
    # What a page writes for a parameter, {index} or job_…, stands for one part of the address.
    paths = [page.path for area in AREAS for page in area.pages] + [form.path for area in AREAS for form in area.forms]
    patterns = [re.sub(r"{\w+(?::path)?}", "[^/]+", path) for path in paths]
    plain = "/" if address == "/index.json" else address.removesuffix(".json")
    return any(re.fullmatch(pattern, plain) for pattern in patterns)


@pytest.mark.parametrize(("page", "address"), sorted(set(addresses())))
def test_an_address_is_a_route(page: str, address: str) -> None:
    assert is_route(address), f"{page} names {address}, which the portal does not have"


def test_what_is_no_route_is_found_out() -> None:
    assert is_route("/recordings/isrc:KRA381900123.json")
    assert not is_route("/recordings")
    assert not is_route("/decide/everything")


def test_pictures_are_shown_and_small() -> None:
    text = "".join(page.read_text("utf-8") for page in PAGES)
    for picture in sorted((ROOT / "docs" / "pictures").glob("portal-*.png")):
        assert f"pictures/{picture.name})" in text, f"no page shows {picture.name}"
        assert picture.stat().st_size <= PICTURE_BYTES_MAX, f"{picture.name} is too large for a page"
