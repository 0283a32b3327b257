import extra
from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
print(extra.first(spark.range(0).collect()))
