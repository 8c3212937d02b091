"""Templates give the same text as with plain Jinja, whose messages are asked for when a page is made."""

from __future__ import annotations

import re

import pytest
from jinja2 import DictLoader, StrictUndefined, UndefinedError
from markupsafe import Markup

from cantoria.web.portal.faces import FOLDER, environment
from cantoria.web.portal.templating import PageEnvironment

AREA = "registry"
WORDS = {"Hello": "<b>Hola</b>", "100 %% of it": "el 100 %% de ello", "By %(who)s": "De %(who)s"}


def made(templates: dict[str, str]) -> PageEnvironment:
    environment = PageEnvironment(
        loader=DictLoader(templates), autoescape=True, undefined=StrictUndefined, extensions=["jinja2.ext.i18n"]
    )
    environment.translate = lambda area, message: WORDS.get(message, message) if area == AREA else message
    environment.install_gettext_callables(  # type: ignore[attr-defined]
        lambda message: f"asked: {message}", lambda one, many, count: one if count == 1 else many, newstyle=True
    )
    return environment


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("{{ _('Hello') }}", "<b>Hola</b>"),
        ("{{ _('100 %% of it') }}", "el 100 % de ello"),
        ("{{ _('By %(who)s', who=name) }}", "De &lt;i&gt;"),
        ("{% trans who=name %}By {{ who }}{% endtrans %}", "De &lt;i&gt;"),
        ("{% set said = _('Hello') %}{{ said ~ name }}", "<b>Hola</b>&lt;i&gt;"),
        ("{{ {'a': _('Hello')}['a'] }}", "<b>Hola</b>"),
        ("{{ _(name) }}", "asked: <i>"),
        ("{{ ngettext('one', 'many', 2) }}", "many"),
        ("{% macro m(x) %}{{ x }}{% endmacro %}{{ m(name) }}{{ m(_('Hello')) }}", "&lt;i&gt;<b>Hola</b>"),
    ],
)
def test_messages_are_put_in_when_a_template_is_compiled(source: str, shown: str) -> None:
    assert made({f"{AREA}/page.html": source}).get_template(f"{AREA}/page.html").render(name="<i>") == shown


def test_a_template_outside_the_areas_asks_when_it_is_shown() -> None:
    assert made({"page.html": "{{ _('Hello') }}"}).get_template("page.html").render() == "asked: Hello"


def test_a_dict_answers_with_its_items_and_with_its_methods_by_their_names() -> None:
    page = made({"a/b.html": "{{ value.name }} {{ value.items()|list }} {{ value['items'] }}"}).get_template("a/b.html")
    assert page.render(value={"name": Markup("x"), "items": 3}) == (
        "x [(&#39;name&#39;, Markup(&#39;x&#39;)), (&#39;items&#39;, 3)] 3"
    )
    with pytest.raises(UndefinedError, match="has no attribute 'name'"):
        page.render(value={"items": 3})


def test_a_template_of_an_area_is_a_page_of_that_area_alone() -> None:
    """A page takes over nothing but the base: what it takes over would speak with the page's catalogue."""
    taken = {
        (path.relative_to(FOLDER / "templates").as_posix(), name)
        for path in (FOLDER / "templates").rglob("*.html")
        for name in re.findall(r"{%-?\s*extends\s+[\"']([^\"']+)", path.read_text(encoding="utf-8"))
    }
    assert taken
    assert {name for _, name in taken} == {"base.html"}
    assert environment("en").get_template("base.html").name == "base.html"
