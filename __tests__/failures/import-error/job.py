from pyspark.sql import SparkSession
from shop import check, checked

spark = SparkSession.builder.getOrCreate()
check(spark.range(3))
