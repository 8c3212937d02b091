"""Roles of right holders as lists and sheets write them: words in Korean, English and Spanish, and CISAC's letters."""

from __future__ import annotations

import re
from typing import Final

from cantoria.formats.sheet.fields import plain
from cantoria.registry.types import Role

_WORDS: Final = {
    Role.COMPOSER: "c 작곡 작곡자 작곡가 composer compositor compositora",
    Role.LYRICIST: "a 작사 작사자 작사가 l lyricist letrista",
    Role.AUTHOR: "ca ac 작사작곡 작곡작사 작사곡 저작자 author autor autora",
    Role.ARRANGER: "ar 편곡 편곡자 편곡가 sr 부편곡 arranger arreglista adaptador ad",
    Role.TRANSLATOR: "tr sa 역사 역사자 번역 번역자 번역가 개사 개사자 부작사 translator traductor traductora",
    Role.PUBLISHER: (
        "e se op sp 출판 출판사 출판자 음악출판 음악출판사 원출판 원출판사 부출판 부출판사 "
        "publisher originalpublisher subpublisher editor editorial"
    ),
}
ROLE_WORDS: Final = {name: role for role, names in _WORDS.items() for name in names.split()}
_SPLIT: Final = re.compile(r"[/,·+&;]|및")


def roles_of(text: str) -> tuple[Role, ...]:
    """Return the roles that a cell names, each once; empty where one of them is not known."""
    whole = ROLE_WORDS.get(plain(text))
    if whole is not None:
        return (whole,)
    found = [ROLE_WORDS.get(plain(part)) for part in _SPLIT.split(text) if part.strip()]
    roles = tuple(dict.fromkeys(role for role in found if role is not None))
    if not roles or None in found:
        return ()
    return (Role.AUTHOR,) if set(roles) == {Role.COMPOSER, Role.LYRICIST} else roles
