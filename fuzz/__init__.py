"""Fuzzing of everything that reads what strangers send: `python -m fuzz.run NAME [--seconds N]`."""
