"""Loads the orders of one day from the landing folder."""

import argparse

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

LANDING = "Files/landing/orders"


def read_day(spark: SparkSession, day: str) -> DataFrame:
    path = f"{LANDING}/{day}.csv"
    raw = spark.read.option("header", True).option("mode", "FAILFAST").csv(path)
    print(f"{path}: {raw.count()} rows, columns {', '.join(raw.columns)}")
    return raw


def typed(raw: DataFrame) -> DataFrame:
    return raw.select(
        F.col("order_id").cast("bigint"),
        F.col("customer_id").cast("bigint"),
        F.to_date("order_date").alias("order_date"),
        F.col("amount").cast("decimal(12,2)"),
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--days", nargs="+", required=True)
    days = parser.parse_args().days

    spark = SparkSession.builder.appName("load orders").getOrCreate()
    spark.sparkContext.setLogLevel("WARN")
    for day in days:
        orders = typed(read_day(spark, day))
        orders.write.mode("overwrite").parquet(f"Files/bronze/orders/day={day}")
        print(f"loaded {day}")


if __name__ == "__main__":
    main()
