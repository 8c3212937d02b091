"""PostgreSQL: the same tables, for production."""
