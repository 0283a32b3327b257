import logging

from pyspark.sql import SparkSession

logging.basicConfig(level=logging.INFO)
spark = SparkSession.builder.getOrCreate()


def rates():
    raise ConnectionError("the service of rates is away")


try:
    rates()
except ConnectionError:
    logging.exception("the rates of yesterday are used")
print(spark.range(3).count(), "orders")
totals = {"EUR": 12.5}
print(totals["CHF"])
