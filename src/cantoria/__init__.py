"""Cantoria: open rights infrastructure for music in the age of generative AI."""

from typing import TYPE_CHECKING

__version__ = "0.1.0"

if TYPE_CHECKING:
    from cantoria.sdk.gate import Gate

__all__ = ["Gate", "__version__"]


def __getattr__(name: str) -> object:
    # PEP 562: whoever only wants another part of Cantoria does not load the gate's.
    if name == "Gate":
        from cantoria.sdk.gate import Gate

        return Gate
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
