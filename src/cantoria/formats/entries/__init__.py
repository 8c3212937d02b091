"""What a file of the trade says, whatever its format: readers turn bytes into entries, writers entries into bytes.

bytes → entries (`types`) → facts (`scribe`), and views → entries → bytes. A format knows nothing of the registry.
"""
