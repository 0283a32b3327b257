"""Exports the customers as one CSV, made on the driver because the partner wants a single file."""

import csv
import io

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

COLUMNS = ["id", "email", "token"]


def customers(spark: SparkSession, count: int) -> DataFrame:
    ids = spark.range(0, count, 1, 4)
    return ids.select(
        "id",
        F.concat(F.lit("customer-"), "id", F.lit("@example.com")).alias("email"),
        F.sha2(F.col("id").cast("string"), 512).alias("token"),
    )


def as_csv(frame: DataFrame) -> str:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows(frame.select(*COLUMNS).collect())
    return text.getvalue()


def main() -> None:
    spark = SparkSession.builder.appName("export customers").getOrCreate()
    spark.sparkContext.setLogLevel("WARN")
    exported = as_csv(customers(spark, 60_000))
    print(f"exported {len(exported)} characters")


if __name__ == "__main__":
    main()
