from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
spark.conf.set("spark.sql.ansi.enabled", "true")
spark.createDataFrame([("4",), ("four",)], "part string").createOrReplaceTempView("parts")
print(spark.sql("SELECT sum(CAST(part AS INT)) AS total FROM parts").first()["total"])
