from pyspark.sql import SparkSession


def read(spark, day):
    folder = f"Files/raw/{day}"
    return spark.read.parquet(folder)


spark = SparkSession.builder.getOrCreate()
print(read(spark, "2025-06-01").count())
