"""What CWR transactions mean: transactions → entries, answers in and out, entries → transactions."""
