from concurrent.futures import ThreadPoolExecutor

from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()


def load(name):
    return spark.read.table(name).count()


with ThreadPoolExecutor(2) as pool:
    print(list(pool.map(load, ["nobody_made_this"])))
