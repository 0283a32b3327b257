import sys

from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
print("looking for orders")
if spark.range(0).count() == 0:
    sys.exit("There are no orders for 2025-06-01")
