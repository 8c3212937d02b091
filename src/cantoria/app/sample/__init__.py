"""The sample world that ships: everything in it is invented, and made by a seeded generator."""
