"""Pages of parties, works, recordings and releases, and the veto view: by id or by any code."""
