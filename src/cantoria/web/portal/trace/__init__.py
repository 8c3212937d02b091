"""Certificates, licensees, models and runs, "was I in it?", the entries of the ledger and its health."""
