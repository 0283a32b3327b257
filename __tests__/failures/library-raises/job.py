import json

from pyspark.sql import SparkSession


def limits(text):
    return json.loads(text)["limits"]


spark = SparkSession.builder.getOrCreate()
print(limits("{'limits': 3}"), spark.range(3).count())
