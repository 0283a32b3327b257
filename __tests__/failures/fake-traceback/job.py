from pyspark.sql import SparkSession

SAMPLE = """Traceback (most recent call last):
  File "/somewhere/job.py", line 1, in <module>
    from pyspark.sql import SparkSession
ValueError: this is a sample
"""

spark = SparkSession.builder.getOrCreate()
print(SAMPLE)
print(spark.range(3).count(), "rows")
raise LookupError("the real one")
