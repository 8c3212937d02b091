"""Accounts: signing in and out, passkeys, colleagues, approvals, API keys; and the doorman that knows them all."""
