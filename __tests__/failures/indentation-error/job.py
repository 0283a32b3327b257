from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
rows = spark.range(3)
  rows.show()
