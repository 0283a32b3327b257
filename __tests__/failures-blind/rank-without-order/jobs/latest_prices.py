"""Keeps the latest price of each article."""

from pyspark.sql import DataFrame, SparkSession, Window
from pyspark.sql import functions as F


def latest(prices: DataFrame, *keys: str) -> DataFrame:
    newest_first = Window.partitionBy(*keys)
    position = F.row_number().over(newest_first)
    numbered = prices.withColumn("position", position)
    return numbered.where("position = 1").drop("position")


def main() -> None:
    spark = SparkSession.builder.appName("latest prices").getOrCreate()
    spark.sparkContext.setLogLevel("WARN")
    prices = spark.createDataFrame(
        [("A-1", "2025-03-01", 9.5), ("A-1", "2025-03-02", 9.9), ("B-7", "2025-03-01", 3.0)],
        "article string, valid_from string, price double",
    )
    try:
        current = latest(prices, "article")
        current.write.mode("overwrite").parquet("Files/gold/current_prices")
    finally:
        print("stopping Spark")
        spark.stop()


if __name__ == "__main__":
    main()
