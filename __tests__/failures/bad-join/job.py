from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
orders = spark.createDataFrame([(1, "a")], ["id", "name"])
orders.join(orders, on="id", how="sideways").show()
