"""What pages say, as plain values: computed from the house as of a ledger size, shown by the portal and its twins."""
