"""The CSV family: plain tables in, facts and findings out."""
