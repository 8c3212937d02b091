"""One module per claim: `python -m benchmarks.NAME [--quick]` ends with one JSON line (see `report`)."""
