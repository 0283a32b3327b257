"""Runs until it is cancelled, with a task on each of Spark's threads."""

import time

from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
numbers = spark.sparkContext.parallelize(range(4), 2)
print("sum", numbers.sum(), flush=True)
numbers.foreach(lambda _: time.sleep(3600))
