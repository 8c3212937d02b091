"""The index of words in SQLite: built along the ledger, deletable at any time."""
