from pyspark.sql import SparkSession


def share(part):
    return 100 / part


spark = SparkSession.builder.getOrCreate()
parts = spark.sparkContext.parallelize([4, 2, 0], 2)
print(parts.map(share).sum())
