from pyspark.sql import SparkSession


def depth(node):
    return 1 + depth(node["parent"])


spark = SparkSession.builder.getOrCreate()
node = {"id": spark.range(3).count()}
node["parent"] = node
print(depth(node))
