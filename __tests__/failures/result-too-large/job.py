from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
wide = spark.range(20000).selectExpr("uuid() AS text")
rows = wide.toLocalIterator() if False else wide.collect()
print(len(rows))
