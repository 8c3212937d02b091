"""Clauses against use by AI in the words of a licence: English, in a few plain forms, sentence by sentence.

A word list is no lawyer: it finds what says so plainly, sometimes finds more, and what it misses is shown as it stands.
The time is linear in the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from cantoria.consent.signals import Said, Stance, quoted

REACH_WORDS: Final = 15  # how far a word of refusal is from what it refuses
_SENTENCE: Final = re.compile(r"[.;!?](?=\s|$)|\n\s*\n|\n\s*[-*#•]")
_WORD: Final = re.compile(r"[a-z][a-z'’&-]*")


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_BEFORE: Final = _set(
    "not cannot never prohibit prohibits prohibited prohibiting forbid forbids forbidden forbidding disallow disallows "
    "disallowed exclude excludes excluded excluding reserve reserves reserved reserving without refuse refuses"
)
_AFTER: Final = _set("prohibited forbidden disallowed reserved excluded refused not")
_TRAIN: Final = _set("train training trained fine-tune fine-tuned fine-tuning finetune finetuning")
_AI: Final = _set(
    "ai a.i artificial-intelligence artificial machine-learning machine ml llm llms generative model models neural"
)
_MINING: Final = _set("mining tdm")
_USED: Final = _set("use used uses using")
_NO: Final = re.compile(
    r"\bno[- ](?:(?:ai |a\.i\. |generative )?training|ai|a\.i\.|tdm|text[- ]and[- ]data[- ]mining)(?![a-z])|\bnoai\b"
)


def clauses(text: str) -> Iterator[Said]:
    """Give each clause once, with the sentence in which it stands first."""
    seen = set()
    for sentence in _SENTENCE.split(text.lower()):
        for category in _of_sentence(sentence):
            if category not in seen:
                seen.add(category)
                yield Said(category, Stance.REFUSED, quoted(sentence))


def _of_sentence(sentence: str) -> Iterator[str]:
    short = _NO.search(sentence)
    if short:
        kinds = (("training", "clause:no-training"), ("mining", "clause:no-mining"), ("tdm", "clause:no-mining"))
        yield next((category for word, category in kinds if word in short[0]), "clause:no-ai")
    words = [_plain(word) for word in _WORD.findall(sentence)]
    held = set(words)
    if not held & _AFTER and not held & _BEFORE:
        return
    if held & _TRAIN and held & _AI and _refused(words, _TRAIN):
        yield "clause:no-training"
    if held & _MINING and ("tdm" in held or "data" in held) and _refused(words, _MINING):
        yield "clause:no-mining"
    if held & _USED and "by" in held and _by_ai(words):
        yield "clause:no-ai"


def _plain(word: str) -> str:
    return "not" if word.endswith(("n't", "n’t")) else word.strip("'’&-")


def _refused(words: list[str], what: frozenset[str]) -> bool:
    """Tell whether one of these words stands near a word of refusal: before it, or after it."""
    last = -REACH_WORDS - 1
    for place, word in enumerate(words):
        if word in what:
            after = words[place + 1 : place + 1 + REACH_WORDS]
            if place - last <= REACH_WORDS or any(one in _AFTER for one in after):
                return True
        if word in _BEFORE:
            last = place
    return False


def _by_ai(words: list[str]) -> bool:
    """Tell whether something is said not to be used by AI."""
    last = -REACH_WORDS - 1
    for place, word in enumerate(words):
        if word in _BEFORE:
            last = place
        near = place - last <= REACH_WORDS
        if word == "by" and near and _AI & set(words[place + 1 : place + 4]) and _USED & set(words[last:place]):
            return True
    return False
