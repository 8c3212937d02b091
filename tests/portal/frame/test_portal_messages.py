"""The catalogues: every message of every area is there in every language, says what it should, and is used."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest
from babel import Locale
from babel.messages.extract import extract
from babel.messages.pofile import read_po

from cantoria.clearance.explain import MESSAGES
from cantoria.web.portal import words
from cantoria.web.portal.faces import FOLDER
from cantoria.web.portal.tongues import LANGUAGES, LOCALES, Tongue

COMMON, REASONS = "common", "reasons"
OWN_FILES = {  # what belongs to an area beside the folders of its name
    "frame": ("templates/base.html", "templates/macros.html"),
    COMMON: ("words.py", "words_of_trade.py", "words_of_work.py"),
    REASONS: ("reasons.py",),
}
TRANSLATED = sorted(set(LANGUAGES) - {"en"})
AREAS = sorted({one.name for one in (FOLDER / "templates").iterdir() if one.is_dir()} | set(OWN_FILES))
PLACEHOLDER = re.compile(r"%\((\w+)\)s|{(\w+)}")
PYTHON = {"_": None, "N_": None, "gettext": None, "ngettext": (1, 2)}
OPTIONS = {"extensions": "jinja2.ext.i18n,jinja2.ext.do", "trimmed": "true", "silent": "false"}


def files_of(area: str) -> list[Path]:
    """Every template and module that an area's messages are in."""
    own = [FOLDER / name for name in OWN_FILES.get(area, ())]
    templates = sorted((FOLDER / "templates" / area).rglob("*.html"))
    return [*own, *templates, *sorted((FOLDER / area).rglob("*.py"))]


@cache
def used(area: str) -> dict[str, str | None]:
    """The messages of an area: each with its plural, or None."""
    found: dict[str, str | None] = {}
    for path in files_of(area):
        method = "jinja2.ext:babel_extract" if path.suffix == ".html" else "python"
        options = {**OPTIONS, "encoding": "utf-8"}
        with path.open("rb") as stream:
            for _, message, _, _ in extract(method, stream, keywords=PYTHON, options=options):
                one, many = message[:2] if isinstance(message, tuple) else (message, None)
                if one:
                    assert many or not found.get(one), f"{path}: {one!r} is also a plural"
                    found[one] = many
    if area == REASONS:
        found |= dict.fromkeys(text for one in MESSAGES.values() for text in (one.what, one.next_step))
    return found


@cache
def catalogue(area: str, language: str) -> dict[str, tuple[str, ...]]:
    """The translations of an area: each a form, or the forms of a plural."""
    path = LOCALES / language / f"{area}.po"
    if not path.exists():
        return {}
    with path.open("rb") as stream:
        read = read_po(stream, locale=language)
    fuzzy = [one.id for one in read if one.id and one.fuzzy]
    assert not fuzzy, f"{path.name}: fuzzy {fuzzy}"
    forms = {(one.id if isinstance(one.id, str) else one.id[0]): one.string for one in read if one.id}
    return {text: (said,) if isinstance(said, str) else tuple(said) for text, said in forms.items()}


def names(text: str) -> set[str]:
    """The placeholders of a message."""
    return {first or second for first, second in PLACEHOLDER.findall(text)}


@pytest.mark.parametrize("language", TRANSLATED)
@pytest.mark.parametrize("area", AREAS)
def test_every_message_is_translated(area, language):
    there = catalogue(COMMON, language) | catalogue(area, language)
    missing = [text for text in used(area) if not there.get(text) or not all(there[text])]
    assert not missing, f"{language}/{area}.po lacks: " + "\n  ".join(["", *map(repr, missing)])


@pytest.mark.parametrize("language", TRANSLATED)
@pytest.mark.parametrize("area", AREAS)
def test_a_translation_has_the_names_of_its_message(area, language):
    there = catalogue(COMMON, language) | catalogue(area, language)
    wrong = []
    for text, many in used(area).items():
        allowed = names(text) | names(many or "") | ({"num"} if many else set())
        for form in there.get(text, ()):
            lacking = names(many or text) - names(form) - ({"num"} if many else set())
            if names(form) - allowed or lacking:
                wrong.append((text, form))
    assert not wrong, wrong


@pytest.mark.parametrize("language", TRANSLATED)
@pytest.mark.parametrize("area", AREAS)
def test_a_plural_has_the_forms_of_its_language(area, language):
    there = catalogue(COMMON, language) | catalogue(area, language)
    forms = {"ko": 1, "es": 2}[language]
    wrong = [text for text, many in used(area).items() if text in there and len(there[text]) != (forms if many else 1)]
    assert not wrong, wrong


@pytest.mark.parametrize("language", TRANSLATED)
@pytest.mark.parametrize("area", AREAS)
def test_no_translation_is_left_over(area, language):
    needed = {text for one in AREAS for text in used(one)} if area == COMMON else set(used(area))
    surplus = sorted(set(catalogue(area, language)) - needed)
    assert not surplus, f"{language}/{area}.po has what nothing says: {surplus}"


@pytest.mark.parametrize("language", TRANSLATED)
@pytest.mark.parametrize("area", [area for area in AREAS if area != COMMON])
def test_no_area_repeats_what_is_common(area, language):
    again = sorted(set(catalogue(area, language)) & set(catalogue(COMMON, language)))
    assert not again, f"already in common.po: {again}"


@pytest.mark.parametrize("language", TRANSLATED)
def test_no_catalogue_says_a_thing_twice(language):
    for path in sorted((LOCALES / language).glob("*.po")):
        lines = [line for line in path.read_text("utf-8").splitlines() if line.startswith("msgid ")]
        twice = [line for line, times in Counter(lines).items() if times > 1 and line != 'msgid ""']
        assert not twice, f"{path.name}: {twice}"


@pytest.mark.parametrize("language", TRANSLATED)
def test_no_catalogue_is_nobodys(language):
    strangers = sorted({path.stem for path in (LOCALES / language).glob("*.po")} - set(AREAS))
    assert not strangers, strangers


def test_words_are_messages():
    """What `word` looks up is what the extractor saw."""
    assert set(words.WORDS.values()) == set(used(COMMON))


def test_a_word_means_in_an_area_what_its_catalogue_says():
    """One English word may mean two things: each area's templates find their own."""
    tongue = Tongue("es", Locale("es"), {"access": {"Keys": ("Claves",)}, "frame": {"Keys": ("Teclas",)}})
    assert [tongue.within(area, "Keys") for area in ("access", "frame", "money", "")] == ["Claves", *["Teclas"] * 3]


def test_a_number_is_written_as_its_language_does():
    tongue = Tongue("es", Locale("es"), {"": {"%(num)s row": ("%(num)s fila", "%(num)s filas")}})
    assert tongue.ngettext("%(num)s row", "%(num)s rows", 1) == "1 fila"
    assert tongue.ngettext("%(num)s row", "%(num)s rows", 12345) == "12.345 filas"
