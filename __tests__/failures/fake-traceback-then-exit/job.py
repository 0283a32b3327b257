import sys

from pyspark.sql import SparkSession

SAMPLE = """Traceback (most recent call last):
  File "/somewhere/job.py", line 1, in <module>
    import sys
ValueError: this is a sample
"""

spark = SparkSession.builder.getOrCreate()
print(SAMPLE)
for number in range(1, 7):
    print("part", number, "of 6 is done:", spark.range(number).count(), "rows")
sys.exit(4)
