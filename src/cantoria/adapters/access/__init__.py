"""Accounts in SQL: who may sign in, sessions, keys, approvals; on SQLite or PostgreSQL. Secrets are kept as hashes."""
