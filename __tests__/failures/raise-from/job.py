from pyspark.sql import SparkSession


class LoadError(Exception):
    pass


def price(prices, currency):
    return prices[currency]


def load(spark, currency):
    try:
        return price({"EUR": 1.0}, currency)
    except KeyError as error:
        raise LoadError(f"no price in {currency}") from error


spark = SparkSession.builder.getOrCreate()
load(spark, "CHF")
