"""Templates: one environment for each language, strict, escaping, with the formats of that language."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from functools import cache, partial
from importlib import import_module
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from cantoria.kernel.shown import shown
from cantoria.web.portal.reasons import reason_parts, reason_text
from cantoria.web.portal.templating import PageEnvironment
from cantoria.web.portal.tongues import LANGUAGES, Tongue, tongue_of
from cantoria.web.portal.words import english

FOLDER: Final = Path(__file__).parent
STATIC: Final = FOLDER / "static"


@cache
def environment(language: str) -> Environment:
    """Return the environment of a language."""
    tongue = tongue_of(language)
    made = PageEnvironment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
        auto_reload=False,  # templates do not change under a server: none is looked at again
    )
    made.translate = tongue.within
    made.policies["ext.i18n.trimmed"] = True  # a message that is broken over lines is one line in the catalogue
    made.install_gettext_callables(*_translators(tongue), newstyle=True)  # type: ignore[attr-defined]
    made.globals |= {
        "tongue": tongue,
        "languages": LANGUAGES,
        "static": static_address,
        "address": address,
        "chart": chart,
    }
    made.filters |= formats(tongue)
    return made


def _translators(tongue: Tongue) -> tuple[Callable[..., str], Callable[..., str]]:
    """Return gettext and ngettext for templates: the catalogue of a template's own area comes first, for a word may
    mean one thing here and another there. Jinja fills in the names, and escapes what it fills in."""

    @pass_context
    def gettext(context: Context, message: str) -> str:
        return tongue.within(_area(context), message)

    @pass_context
    def ngettext(context: Context, one: str, many: str, count: int) -> str:
        return tongue.counted(_area(context), one, many, count).replace("%(num)s", tongue.number(count))

    return gettext, ngettext


def _area(context: Context) -> str:
    return (context.name or "").partition("/")[0]


def formats(tongue: Tongue) -> dict[str, Any]:
    """Return the filters that write numbers, money and moments as this language does."""
    return {
        "number": tongue.number,
        "day": tongue.day,
        "moment": tongue.moment,
        "money": lambda value: tongue.money(value["amount"], value["currency"]),
        "territory": tongue.territory,
        "shown": lambda text: shown(str(text)),
        "segment": lambda text: quote(str(text), safe=""),
        "percent": tongue.percent,
        "word": lambda value: tongue.gettext(english(value)),
        "reason_text": partial(reason_text, tongue),
        "reason_parts": partial(reason_parts, tongue),
    }


def chart(name: str, /, **values: Any) -> Markup:
    """Return the SVG that `web.charts.NAME` draws of these values; its words come from the template, translated."""
    drawn: str = import_module(f"cantoria.web.charts.{name}").draw(**values)
    return Markup(drawn)  # noqa: S704 - a chart escapes every word that it writes


def render(template: str, tongue: Tongue, **values: Any) -> str:
    """Return a page."""
    return environment(tongue.code).get_template(template).render(**values)


@cache
def static_address(name: str) -> str:
    """Return the address of a static file, with a digest of it, so that it can be kept for ever."""
    digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]
    return f"/static/{name}?v={digest}"


def address(path: str, parameters: Mapping[str, Any] | None = None, /, **more: Any) -> str:
    """Return `path` with parameters behind it; those that are None or empty are left out. `path` may have some."""
    given = {name: value for name, value in {**(parameters or {}), **more}.items() if value not in (None, "")}
    if not given:
        return path
    bare, hash_mark, fragment = path.partition("#")
    return f"{bare}{'&' if '?' in bare else '?'}{urlencode(given)}{hash_mark}{fragment}"
