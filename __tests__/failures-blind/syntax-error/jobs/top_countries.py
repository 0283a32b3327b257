"""Prints the countries with the most orders."""

from pyspark.sql import SparkSession
from pyspark.sql import functions as F


def main() -> None:
    spark = SparkSession.builder.appName("top countries").getOrCreate()
    orders = spark.createDataFrame(
        [(1, "CH"), (2, "CH"), (3, "DE")], "order_id int, country string"
    )
    counts = orders.groupBy("country").agg(F.count("*").alias("orders"))
    for row in counts.orderBy(F.desc("orders")).limit(10).collect():
        print(f"{row["country"]}: {row["orders"]} orders")


if __name__ == "__main__":
    main()
