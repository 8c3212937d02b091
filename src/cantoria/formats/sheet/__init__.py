"""Somebody else's tables: Excel, OpenDocument and CSV of any dialect, by a mapping that a person can keep and edit."""
