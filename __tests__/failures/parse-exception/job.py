from pyspark.sql import SparkSession

QUERY = """
SELECT id, id * 2 AS twice
FORM numbers
"""

spark = SparkSession.builder.getOrCreate()
spark.range(3).createOrReplaceTempView("numbers")
spark.sql(QUERY).show()
