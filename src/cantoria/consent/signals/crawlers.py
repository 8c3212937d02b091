"""Crawlers that serve AI, by the product token that their operators publish for robots.txt, and for what they crawl.

A list of names is never whole; what is not in it is still held by the rules for `*`. Tokens are compared without
regard to case (RFC 9309 section 2.2.1).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from cantoria.kernel.uses import Use

TRAINING: Final = frozenset({Use.TRAIN_NONGENERATIVE, Use.TRAIN_GENERATIVE})
MINING: Final = TRAINING | {Use.ANALYSE}
# What was used as input goes on in what is released and advertised.
INPUTS: Final = frozenset({Use.INPUT, Use.RELEASE_OUTPUT, Use.ADVERTISE})


@dataclass(frozen=True, slots=True)
class Crawler:
    """Who runs it, and the uses that it crawls for."""

    operator: str
    uses: frozenset[Use]

    @property
    def because(self) -> str:
        """Return why its uses are these, in words."""
        if self.uses == TRAINING:
            return f"crawler of {self.operator}, for training"
        if self.uses == INPUTS:
            return f"crawler of {self.operator}, for answers that a model gives"
        return f"crawler of {self.operator}, for training and for answers"


_FOR_TRAINING: Final = {
    "gptbot": "OpenAI",
    "claudebot": "Anthropic",
    "anthropic-ai": "Anthropic",
    "claude-web": "Anthropic",
    "google-extended": "Google",
    "applebot-extended": "Apple",
    "meta-externalagent": "Meta",
    "facebookbot": "Meta",
    "ccbot": "Common Crawl",
    "bytespider": "ByteDance",
    "cohere-ai": "Cohere",
    "cohere-training-data-crawler": "Cohere",
    "ai2bot": "Ai2",
    "ai2bot-dolma": "Ai2",
    "diffbot": "Diffbot",
    "omgili": "Webz.io",
    "omgilibot": "Webz.io",
    "webzio-extended": "Webz.io",
    "pangubot": "Huawei",
    "timpibot": "Timpi",
    "imagesiftbot": "Hive",
    "img2dataset": "img2dataset",
    "laion-huggingface-processor": "LAION",
    "icc-crawler": "NICT",
    "sbintuitionsbot": "SB Intuitions",
    "deepseekbot": "DeepSeek",
    "chatglm-spider": "Zhipu",
    "tiktokspider": "ByteDance",
    "kangaroo bot": "Kangaroo LLM",
}
_FOR_ANSWERS: Final = {
    "chatgpt-user": "OpenAI",
    "oai-searchbot": "OpenAI",
    "claude-user": "Anthropic",
    "claude-searchbot": "Anthropic",
    "perplexitybot": "Perplexity",
    "perplexity-user": "Perplexity",
    "meta-externalfetcher": "Meta",
    "google-cloudvertexbot": "Google",
    "duckassistbot": "DuckDuckGo",
    "mistralai-user": "Mistral AI",
    "youbot": "You.com",
    "phindbot": "Phind",
    "bigsur.ai": "Big Sur AI",
}
_FOR_BOTH: Final = {
    "amazonbot": "Amazon",
    "applebot": "Apple",
    "petalbot": "Huawei",
    "yandexadditional": "Yandex",
    "yandexadditionalbot": "Yandex",
}

CRAWLERS: Final[Mapping[str, Crawler]] = MappingProxyType(
    {
        **{token: Crawler(operator, TRAINING) for token, operator in _FOR_TRAINING.items()},
        **{token: Crawler(operator, INPUTS) for token, operator in _FOR_ANSWERS.items()},
        **{token: Crawler(operator, TRAINING | INPUTS) for token, operator in _FOR_BOTH.items()},
    }
)
