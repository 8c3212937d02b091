"""DDEX ERN 3.8, 4.1, 4.2, 4.3 and 4.3.2 in, 4.3 and 4.3.2 out: messages become facts and findings, entries messages."""

from cantoria.formats.ern.build import read_message, read_messages, read_stream
from cantoria.formats.ern.writer import Envelope, write

FORMAT = "ern"

__all__ = ["FORMAT", "Envelope", "read_message", "read_messages", "read_stream", "write"]
