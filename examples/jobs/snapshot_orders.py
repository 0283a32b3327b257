"""Keeps the orders as they are now in a table of this release, and reports it in a JSON file.

Run again it writes the same table and a report of its own.
"""

import argparse
import json
import re

from pyspark.sql import SparkSession


def table_of(release: str) -> str:
    """`v1.4.0` becomes `orders_v1_4_0`."""
    return "orders_" + re.sub(r"\W+", "_", release).strip("_").lower()


def write_json(spark: SparkSession, path: str, value: dict) -> None:
    """One file, by Hadoop's file system, which knows the default lakehouse everywhere."""
    target = spark._jvm.org.apache.hadoop.fs.Path(path)
    stream = target.getFileSystem(spark._jsc.hadoopConfiguration()).create(target, True)
    try:
        stream.write(bytearray(json.dumps(value).encode()))
    finally:
        stream.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--release", required=True)
    parser.add_argument("--report", required=True, help="a path under Files/")
    parser.add_argument("--input", default="orders", help="the table to keep")
    args = parser.parse_args()

    spark = SparkSession.builder.appName("snapshot orders").getOrCreate()
    table = table_of(args.release)
    spark.read.table(args.input).write.mode("overwrite").saveAsTable(table)
    rows = spark.read.table(table).count()
    write_json(spark, args.report, {"release": args.release, "table": table, "rows": rows})
    print(f"Kept {rows} rows of {args.input} as {table}")


if __name__ == "__main__":
    main()
