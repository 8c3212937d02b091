"""The one way in for text that should be a code: bounded, in plain ASCII capitals, with a clear refusal.

Full-width letters and digits of East Asian input, typographic hyphens and hard spaces count as their plain
counterparts; nothing else is folded, so that no other character can pass for a digit.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import accumulate, pairwise
from typing import Final

from cantoria.codes.iso7064 import mod_37_36
from cantoria.codes.types import Checked, Scheme
from cantoria.kernel.errors import InputError

INPUT_CHARS_MAX: Final = 256

_FULL_WIDTH: Final = {0xFF01 + offset: 0x21 + offset for offset in range(94)}
_HYPHENS: Final = dict.fromkeys([0x2010, 0x2011, 0x2012, 0x2013, 0x2212, 0x00AD], "-")
_SPACES: Final = dict.fromkeys([0x00A0, 0x3000], " ")
_FOLDED: Final[dict[int, int | str]] = {**_FULL_WIDTH, **_HYPHENS, **_SPACES}


def refuse(scheme: Scheme, text: str, why: str, remedy: str) -> InputError:
    """Return the error to raise: which code, what is wrong, what to do."""
    shown = text if len(text) <= 60 else text[:60] + "…"
    return InputError(f"{scheme} {shown!r} {why}", remedy, {"scheme": scheme.value})


def plain(scheme: Scheme, text: str) -> str:
    """Return `text` folded to ASCII, without outer spaces; `InputError` where it is too long or not ASCII."""
    if len(text) > INPUT_CHARS_MAX:
        raise refuse(scheme, text, f"has {len(text)} characters", f"at most {INPUT_CHARS_MAX} are read")
    folded = text.translate(_FOLDED).strip(" ")
    if not folded.isascii() or not folded.isprintable():
        raise refuse(scheme, text, "holds other characters than letters, digits and signs", "type it anew")
    return folded


def compacted(scheme: Scheme, text: str, pattern: re.Pattern[str], like: str, separators: str = " -") -> str:
    """Return `text` in capitals, without separators and a leading scheme name, if it matches `pattern` whole.

    `like` is an example for the error message.
    """
    code = plain(scheme, text).upper()
    label = scheme.value.partition("_")[0].upper()
    if code.startswith((label + ":", label + " ")):
        code = code[len(label) + 1 :].lstrip(" ")
    for separator in separators:
        code = code.replace(separator, "")
    if not pattern.fullmatch(code):
        raise refuse(scheme, text, "has not the form of one", f"it looks like {like}")
    return code


def check_37_36(scheme: Scheme, text: str, *, code: str, remedy: str) -> Checked:
    """Return `code`, which `text` spells; `InputError` unless it ends in the MOD 37,36 check character of the rest."""
    if mod_37_36(code[:-1]) != code[-1]:
        raise refuse(scheme, text, "has a wrong check character", remedy)
    return Checked(code)


def hyphenated(code: str, lengths: tuple[int, ...]) -> str:
    """Return `code` in groups of these lengths with hyphens between them."""
    ends = list(accumulate(lengths, initial=0))
    return "-".join(code[start:end] for start, end in pairwise(ends))


def passes(validate: Callable[[str], Checked], text: str) -> bool:
    """Tell whether `validate` takes `text` without an error or a warning."""
    try:
        return validate(text).warning is None
    except InputError:
        return False
