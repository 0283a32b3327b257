import sys

from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
bad = spark.range(5).where("id > 2").count()
print(f"{bad} rows were rejected")
if bad:
    spark.stop()
    sys.exit(3)
