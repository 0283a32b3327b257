"""Turns the warehouse's nightly text export into typed stock levels."""

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

spark = SparkSession.builder.appName("stock levels").getOrCreate()
spark.sparkContext.setLogLevel("WARN")

export = spark.read.option("header", True).option("sep", ";").csv("Files/landing/stock.csv")
print("export has", export.count(), "lines")

levels = (
    export.withColumn("sku", F.trim("sku"))
    .withColumn("quantity", F.trim("quantity").cast("int"))
    .withColumn("counted_on", F.to_date("counted_on", "dd.MM.yyyy"))
)

totals = levels.groupBy("sku").agg(
    F.sum("quantity").alias("quantity"),
    F.max("counted_on").alias("counted_on"),
)

totals.write.mode("overwrite").parquet("Files/silver/stock_levels")
print("wrote the stock levels")
