"""The sample world that ships: everything in it is invented, and made by a seeded generator."""

from cantoria.app.sample.generator import generate
from cantoria.app.sample.keys import public_key_of, seed_of
from cantoria.app.sample.sheets import BadRow
from cantoria.app.sample.story import Story
from cantoria.app.sample.world import NAMESPACE, Asked, Delivery, House, World, index_of, write_files

__all__ = [
    "NAMESPACE",
    "Asked",
    "BadRow",
    "Delivery",
    "House",
    "Story",
    "World",
    "generate",
    "index_of",
    "public_key_of",
    "seed_of",
    "write_files",
]
