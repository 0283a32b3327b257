"""Converts the amounts of the orders to Swiss francs."""

from orders_etl.conversion import convert_all
from orders_etl.rates import RateTable
from pyspark.sql import SparkSession

RATES = """
2025-03-01,EUR,0.9402
2025-03-01,GBP,1.1395
2025-03-02,EUR,0.9411
"""


def main() -> None:
    spark = SparkSession.builder.appName("convert amounts").getOrCreate()
    spark.sparkContext.setLogLevel("WARN")
    orders = spark.createDataFrame(
        [
            (1, "2025-03-01", "EUR", 10.0),
            (2, "2025-03-01", "GBP", 20.0),
            (3, "2025-03-02", "GBP", 30.0),
        ],
        "order_id int, day string, currency string, amount double",
    )
    converted = convert_all(orders, RateTable.parse(RATES))
    converted.write.mode("overwrite").parquet("Files/silver/orders_chf")


if __name__ == "__main__":
    main()
