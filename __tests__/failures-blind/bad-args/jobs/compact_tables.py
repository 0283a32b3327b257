"""Compacts the small files of tables that were written lately."""

import argparse
import sys

from pyspark.sql import SparkSession


def parse(arguments):
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--table", action="append", dest="tables", required=True)
    parser.add_argument("--days", type=int, default=7, help="how far back to look")
    parser.add_argument("--target-size", type=int, default=128, metavar="MIB")
    parser.add_argument("--mode", choices=["plan", "run"], default="plan")
    return parser.parse_args(arguments)


def main() -> None:
    options = parse(sys.argv[1:])
    spark = SparkSession.builder.appName("compact tables").getOrCreate()
    spark.conf.set("spark.databricks.delta.optimize.maxFileSize", options.target_size * 1024 * 1024)
    for table in options.tables:
        statement = f"OPTIMIZE {table} WHERE day >= current_date() - {options.days}"
        if options.mode == "run":
            spark.sql(statement)
        print(f"{options.mode}: {statement}")


if __name__ == "__main__":
    main()
