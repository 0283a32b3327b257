from pyspark.sql import SparkSession


def check(count):
    if count > 2:
        raise ValueError(f"{count} rows have no key")


def main():
    spark = SparkSession.builder.getOrCreate()
    check(spark.range(3).count())


main()
