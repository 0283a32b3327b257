"""Waits for the files of the day, then counts their lines."""

import time
import traceback

from pyspark.errors import AnalysisException
from pyspark.sql import DataFrame, SparkSession

LANDING = "Files/landing/2025-03-02"
WAIT_SECONDS = 3


def read(spark: SparkSession, path: str) -> DataFrame:
    return spark.read.text(path)


def wait_for(spark: SparkSession, path: str) -> DataFrame:
    started = time.monotonic()
    looks = 0
    while time.monotonic() - started < WAIT_SECONDS:
        looks += 1
        try:
            return read(spark, path)
        except AnalysisException:
            print(f"look {looks}: nothing yet")
            traceback.print_exc(limit=2)
            time.sleep(1)
    raise TimeoutError(f"no files in {path} within {WAIT_SECONDS} seconds")


if __name__ == "__main__":
    spark = SparkSession.builder.appName("wait for files").getOrCreate()
    lines = wait_for(spark, LANDING)
    print(lines.count(), "lines")
