from pyspark.sql import SparkSession
from shop_rules import check

spark = SparkSession.builder.getOrCreate()
check(spark.range(3))
