"""SQLite: one file, WAL, one writer."""
