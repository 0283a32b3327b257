from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
settings = {"retries": "three"}
try:
    limit = settings["limit"]
except KeyError:
    limit = int(settings["retries"])
spark.range(limit).show()
