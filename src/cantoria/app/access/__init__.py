"""Who may do what in a house's portal and API: accounts, roles, permissions, sessions, keys and approvals.

Nothing of this is on the ledger: what an account decides is recorded there in the name of its party or organisation.
"""
