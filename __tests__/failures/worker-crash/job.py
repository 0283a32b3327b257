import os

from pyspark.sql import SparkSession
from pyspark.sql.functions import udf

spark = SparkSession.builder.getOrCreate()


@udf("int")
def crash(number):
    os._exit(7)


spark.range(3).select(crash("id")).collect()
