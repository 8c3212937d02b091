"""Cantoria: open rights infrastructure for music in the age of generative AI."""

__version__ = "0.1.0"
