"""Ask the gate in SQL: as a function of one ISRC, and as a table to join with, which is faster.

python examples/duckdb_sql.py SNAPSHOT LOG_KEY LICENSEE ROWS.parquet
"""

import sys

import duckdb

from cantoria import Gate


def main(snapshot: str, log_key: str, licensee: str, rows: str) -> None:
    gate = Gate(snapshot, key=log_key, use="train_generative", licensee=licensee, training_place="US", markets="KR ES")
    with duckdb.connect() as connection:
        gate.duckdb(connection)
        connection.read_parquet(rows).create_view("rows")
        connection.sql("SELECT ai_status(isrc) AS status, count(*) AS rows FROM rows GROUP BY 1 ORDER BY 1").show()
        [(joined,)] = connection.sql(
            "SELECT count(*) FROM rows JOIN ai_clearance USING (isrc) WHERE cleared"
        ).fetchall()
        [(asked,)] = connection.sql("SELECT count(*) FROM rows WHERE ai_cleared(isrc)").fetchall()
        print(f"{joined} rows are cleared by the table, {asked} by the function")


if __name__ == "__main__":
    main(*sys.argv[1:])
