from pyspark.sql import SparkSession


def load(rows):
    for row in rows:
        assert row.id != 7, f"row {row.id} is not welcome"


spark = SparkSession.builder.getOrCreate()
spark.range(10).foreachPartition(load)
