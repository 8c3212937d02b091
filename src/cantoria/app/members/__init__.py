"""Members of a society: read from a table, registered, given accounts, invited, verified.

What identifies them beyond name and codes (their addresses) is kept beside the house, never on the ledger, and is
overwritten when a member withdraws.
"""
