"""A consortium's node: its home, its processes, joining and leaving, and whole networks on one machine."""
