from pyspark.sql import SparkSession
from shop.job import discount

spark = SparkSession.builder.getOrCreate()
print(discount(spark.range(200).count()))
