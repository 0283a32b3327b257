from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
wide = spark.range(40).selectExpr("repeat(cast(id AS string), 20000000) AS text")
rows = wide.collect()
print(len(rows))
