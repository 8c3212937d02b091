"""DDEX ERN 4.3 in: NewReleaseMessages become facts and findings."""

from cantoria.formats.ern.build import read_message, read_messages

__all__ = ["read_message", "read_messages"]
