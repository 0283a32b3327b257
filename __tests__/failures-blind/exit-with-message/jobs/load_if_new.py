"""Loads the files of a day, or says that there are none."""

import sys
from pathlib import Path

from pyspark.sql import SparkSession

LANDING = Path("/lakehouse/default/Files/landing/orders")


def files_of(day: str) -> list[str]:
    return sorted(path.name for path in LANDING.glob(f"{day}*.csv"))


def main() -> None:
    day = sys.argv[1] if len(sys.argv) > 1 else "2025-03-02"
    files = files_of(day)
    if not files:
        sys.exit(f"ERROR: no files of {day} in {LANDING}, nothing was loaded")

    spark = SparkSession.builder.appName("load if new").getOrCreate()
    for name in files:
        frame = spark.read.csv(f"Files/landing/orders/{name}", header=True)
        frame.write.mode("append").parquet("Files/bronze/orders")
        print(f"{name}: {frame.count()} rows")


if __name__ == "__main__":
    main()
