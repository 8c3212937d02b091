"""The HTTP API (`docs/reference/api.md`): answers as of a published snapshot, the snapshot itself, and revocations."""
