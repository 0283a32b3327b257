"""Makes a snapshot that was checked the table that everybody reads.

Run again it publishes the same rows. It refuses a snapshot that is not the one that was checked.
"""

import argparse

from pyspark.sql import SparkSession


class AnotherSnapshot(Exception):
    """The table does not hold the rows that were checked."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--table", required=True, help="the snapshot")
    parser.add_argument("--rows", type=int, required=True, help="how many rows were checked")
    parser.add_argument("--to", default="orders_published")
    args = parser.parse_args()

    spark = SparkSession.builder.appName("publish orders").getOrCreate()
    snapshot = spark.read.table(args.table)
    rows = snapshot.count()
    if rows != args.rows:
        raise AnotherSnapshot(f"{args.table} holds {rows} rows, and {args.rows} were checked")
    snapshot.write.mode("overwrite").saveAsTable(args.to)
    print(f"Published {rows} rows of {args.table} as {args.to}")


if __name__ == "__main__":
    main()
