"""DDEX MEAD, PIE and RIN in, as far as they carry identifiers and credits (docs/reference/credits.md)."""

from cantoria.formats.ddex_credits.reading import read

FORMAT = "credits"

__all__ = ["FORMAT", "read"]
