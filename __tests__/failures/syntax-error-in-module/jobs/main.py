from pyspark.sql import SparkSession

import prices

spark = SparkSession.builder.getOrCreate()
print(prices.TABLE)
