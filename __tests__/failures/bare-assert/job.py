from pyspark.sql import SparkSession


def same(left, right):
    assert left == right


spark = SparkSession.builder.getOrCreate()
same(spark.range(4).count(), 4)
same(spark.range(5).count(), 4)
